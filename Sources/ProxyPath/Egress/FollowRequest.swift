internal import HTTP1
internal import HTTP2
internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor

/// Clients that speak HTTP while the destination is still being dialled. Where a request goes its name and the routes say, and that
/// is often not there: then nobody waits for that dial, which may be one into the void.
///
/// What it has said so far nobody was told. The dial goes on where the request may be for whom it leads to, and is given up where
/// it is not.
extension Worker {
  /// What a client's first words say of where it goes, while nothing is connected for it.
  private enum FirstRequest {
    /// Not to whom is being dialled, or nowhere, since it is answered here.
    case elsewhere
    /// To whomever the agent says.
    case unknown(LookupFingerprint)
    /// To whom is being dialled, as everything else that is said.
    case dialled
    /// More of it may tell.
    case unfinished
  }

  /// Acts on the first request of a client for which nothing is connected, where it is whole.
  func followRequest(_ connection: UnsafeMutablePointer<Connection>, _ slot: Slot) {
    let isNaming = connection.pointee.phase == .naming
    switch firstRequest(connection) {
    case .elsewhere: serveAsHTTP(slot)
    case .unknown(let lookup): hold(connection, slot, for: lookup)
    case .dialled: if isNaming { giveUpNaming(connection, slot) }
    case .unfinished: if isNaming, connection.pointee.request.isEnded { giveUpNaming(connection, slot) }
    }
  }

  /// The agent has said what it knows of the name in a request; true where the client does not wait for the dial any more.
  func followAnswered(_ connection: UnsafeMutablePointer<Connection>, _ slot: Slot) -> Bool {
    guard connection.pointee.connected_ns == 0, case .elsewhere = firstRequest(connection) else { return false }
    serveAsHTTP(slot)
    return true
  }

  /// Whether what the client says next can lead it elsewhere than where it is being dialled, so that it is read.
  func mayLeadElsewhere(_ connection: UnsafeMutablePointer<Connection>) -> Bool {
    guard connection.pointee.direction == .outbound, connection.pointee.phase != .asking else { return false }
    let mayMatter = connection.pointee.servicePort >= 0 || self.mayMatter(connection.pointee.destination)
    guard connection.pointee.phase == .naming ? mayStillBeNamed(connection) : mayMatter else { return false }
    return !connection.pointee.detection.isSettled || isHeadUnfinished(connection)
  }

  /// It is a request of HTTP/1 whose head is not whole yet. One that is was judged when its end came.
  private func isHeadUnfinished(_ connection: UnsafeMutablePointer<Connection>) -> Bool {
    guard connection.pointee.detection.result == .http1, let pending = connection.pointee.request.pending,
      pending.count < HeadLimit.bytes
    else { return false }
    return RequestHead.endOfHead(in: UnsafeRawBufferPointer(pending), from: 0) == nil
  }

  private func firstRequest(_ connection: UnsafeMutablePointer<Connection>) -> FirstRequest {
    guard connection.pointee.detection.isSettled else { return .unfinished }
    // Its requests have ways of their own, and those that are for whom is being dialled wait for that.
    if connection.pointee.detection.result == .http2 { return connection.pointee.isOfRequests ? .elsewhere : .dialled }
    guard connection.pointee.detection.result == .http1, let pending = connection.pointee.request.pending else {
      return .dialled
    }
    switch http.request.parse(UnsafeRawBufferPointer(pending)) {
    case .refused: return .dialled
    case .partial: return pending.count < HeadLimit.bytes ? .unfinished : .dialled
    case .whole: return wholeRequest(connection)
    }
  }

  /// The same of the request that lies in `http.request`.
  private func wholeRequest(_ connection: UnsafeMutablePointer<Connection>) -> FirstRequest {
    let table = keeper.rules.table
    let host = http.request[http.request.host]
    let dialled = connection.pointee.servicePort
    if let port = table.port(named: host, connection.pointee.destination.port) {
      return isDirect(port, connection) ? .dialled : .elsewhere
    }
    if let lookup = unanswered(host: host) { return .unknown(lookup) }
    guard dialled < 0 else { return isDirect(Int(dialled), connection) ? .dialled : .elsewhere }
    return table.outboundMode == .registryOnly ? .elsewhere : .dialled
  }

  /// Whether a request for this port is one for the service whose endpoint is being dialled, and no route leads it elsewhere.
  private func isDirect(_ port: Int, _ connection: UnsafeMutablePointer<Connection>) -> Bool {
    guard Int32(port) == connection.pointee.servicePort else { return false }
    if case .direct = keeper.rules.table.route(port, http.request, draw: http.random.next(), scratch: patterns) {
      return true
    }
    return false
  }

  // MARK: The dial that a client's connection was begun with

  /// The connection that is being made for a client since before it said what it wants, where its request is for whom that leads
  /// to; where it is not, that is given up, and nil.
  func takeDialled(
    _ client: UnsafeMutablePointer<HTTPClient>,
    for target: UInt32,
    _ speech: UpstreamSpeech
  ) -> Slot? {
    let slot = client.pointee.dialled
    guard let upstream = http.upstreams.pointer(slot), upstream.pointee.target == target, speech == .http1,
      upstream.pointee.phase == .connecting, http.targets.peer(of: target) == nil
    else {
      giveUpDialled(client)
      return nil
    }
    client.pointee.dialled = .nowhere
    return slot
  }

  /// Nobody waits for it any more. Once it stands it waits for others' requests, as any connection to that endpoint.
  func giveUpDialled(_ client: UnsafeMutablePointer<HTTPClient>) {
    let slot = client.pointee.dialled
    client.pointee.dialled = .nowhere
    guard let upstream = http.upstreams.pointer(slot), upstream.pointee.phase == .connecting else { return }
    closeUpstream(slot, code: 0)
  }
}
