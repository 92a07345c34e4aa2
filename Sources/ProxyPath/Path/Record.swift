internal import MeshModel
internal import Policy
internal import Reactor

extension Worker {
  /// Tells the recorder that a program connected, so that it can be found while it lives.
  func announce(_ connection: UnsafeMutablePointer<Connection>) {
    guard connection.pointee.direction == .outbound else { return }
    connection.pointee.isAnnounced = outbox.announce(
      PathEvent(opening: &connection.pointee, keeper.policyVersion),
      now_ns: now_ns
    )
  }

  /// Hands over a filed connection's one record, and counts it.
  func record(_ event: PathEvent) {
    counters.ended(event)
    outbox.post(event)
  }
}

extension PathEvent {
  /// The end of a client whose requests were served one by one.
  init(
    closing client: inout HTTPClient,
    _ reason: CloseReason,
    code: Int32,
    now_ns: UInt64,
    _ policyVersion: UInt32
  ) {
    self.init(
      kind: .closed,
      direction: client.direction,
      reason: reason,
      detected: .http1,
      code: code,
      id: client.id,
      verdict: client.verdict,
      policyVersion: policyVersion,
      source: client.source,
      destination: client.destination,
      bytesSent: client.bytesSent,
      bytesReceived: client.bytesReceived,
      duration_ns: now_ns &- client.opened_ns,
      connect_ns: 0,
      hello: nil
    )
    isOfRequests = true
    entry = client.entry
    proof = client.peer?.proof ?? .none
    requests = client.requests
    series.source = client.series
  }

  init(opening connection: inout Connection, _ policyVersion: UInt32) {
    self.init(
      opening: connection.id,
      connection.direction,
      from: connection.source,
      to: connection.destination,
      connection.verdict,
      policyVersion
    )
  }

  init(opening client: inout HTTPClient, _ policyVersion: UInt32) {
    self.init(
      opening: client.id,
      client.direction,
      from: client.source,
      to: client.destination,
      client.verdict,
      policyVersion
    )
  }

  private init(
    opening id: ConnectionID,
    _ direction: Direction,
    from source: SocketAddress,
    to destination: SocketAddress,
    _ verdict: Verdict,
    _ policyVersion: UInt32
  ) {
    self.init(
      kind: .opened,
      direction: direction,
      reason: .finished,
      detected: .silent,
      code: 0,
      id: id,
      verdict: verdict,
      policyVersion: policyVersion,
      source: source,
      destination: destination,
      bytesSent: 0,
      bytesReceived: 0,
      duration_ns: 0,
      connect_ns: 0,
      hello: nil
    )
  }

  init(
    closing connection: inout Connection,
    _ reason: CloseReason,
    code: Int32,
    now_ns: UInt64,
    _ policyVersion: UInt32
  ) {
    let connected = connection.connected_ns
    self.init(
      kind: .closed,
      direction: connection.direction,
      reason: reason,
      detected: connection.detection.result,
      code: code,
      id: connection.id,
      verdict: connection.verdict,
      policyVersion: policyVersion,
      source: connection.source,
      destination: connection.destination,
      bytesSent: connection.response.bytes,
      bytesReceived: connection.request.bytes,
      duration_ns: now_ns &- connection.opened_ns,
      connect_ns: connected == 0 ? 0 : connected &- connection.opened_ns,
      hello: connection.detection.takeHello()
    )
    upstream = connection.upstreamAddress
    servicePort = connection.servicePort
    rule = connection.rule
    requestVerdict = connection.requestVerdict
    entry = connection.entry
    proof = connection.proof
    series = connection.series
  }
}
