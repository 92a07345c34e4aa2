internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor

/// What one connection looked like when it was asked after.
struct LiveConnection: Sendable {
  let id: ConnectionID
  let direction: Direction
  let source: SocketAddress
  let destination: SocketAddress
  /// Who the client has proved to be.
  let peer: SPIFFEID?
  /// Who is at both ends of the mesh's part of it, or of the request's under way.
  let proof: PeerProof
  /// Where the proxy dialled for it, or for the request under way; nil where it has not yet.
  let upstream: SocketAddress?
  let verdict: Verdict
  /// The table that made the verdict.
  let policyVersion: UInt32
  let detected: DetectedProtocol
  let serverName: [UInt8]
  let bytesSent: UInt64
  let bytesReceived: UInt64
  let age_ns: UInt64
  /// Where its requests are served one by one.
  var requests: Requests?

  /// What a client has asked.
  struct Requests: Sendable {
    /// Begun so far.
    let count: UInt32
    /// The one under way, copied whole; nil between two.
    let current: RequestEvent?
    /// How long it has been under way.
    let age_ns: UInt64
  }
}

/// Which connections are asked after.
struct ConnectionQuestion: Sendable {
  let limitPerWorker: Int
  /// Only this one, where set.
  let only: ConnectionID?
}

/// Those of one worker.
struct ConnectionAnswer: Sendable {
  var connections: [LiveConnection] = []
  /// Whether there are more.
  var isTruncated = false

  /// Takes one in, where it is asked after; false where no further one is.
  fileprivate mutating func take(
    _ question: ConnectionQuestion,
    _ id: ConnectionID,
    _ make: () -> LiveConnection
  ) -> Bool {
    if let only = question.only, only != id { return true }
    guard connections.count < question.limitPerWorker else {
      isTruncated = true
      return false
    }
    connections.append(make())
    return true
  }
}

typealias ConnectionSurvey = Survey<ConnectionQuestion, ConnectionAnswer>

extension Worker {
  /// Answers for this worker.
  func report(_ survey: ConnectionSurvey) {
    var answer = ConnectionAnswer()
    for index in 0..<connections.extent {
      guard let slot = connections.tenant(index), let connection = connections.pointer(slot) else { continue }
      let goesOn = answer.take(survey.question, connection.pointee.id) {
        LiveConnection(&connection.pointee, keeper.policyVersion, now_ns: now_ns)
      }
      guard goesOn else { break }
    }
    for index in 0..<http.clients.extent {
      guard let slot = http.clients.tenant(index), let client = http.clients.pointer(slot),
        !client.pointee.isOfProgram
      else { continue }
      let goesOn = answer.take(survey.question, client.pointee.id) { describe(&client.pointee) }
      guard goesOn else { break }
    }
    for index in 0..<peers.connections.extent {
      guard let slot = peers.connections.tenant(index), let connection = peers.connections.pointer(slot),
        let program = connection.pointee.program
      else { continue }
      guard answer.take(survey.question, program.id, { describe(connection, program) }) else { break }
    }
    survey.answer(answer)
  }

  /// A client whose requests are served one by one.
  private func describe(_ client: inout HTTPClient) -> LiveConnection {
    let exchange = http.exchanges.pointer(client.exchange)
    let event = exchange.map { $0.pointee.event }
    let asked = event.flatMap { $0.upstream.ip.isUnspecified ? nil : $0.upstream }
    return LiveConnection(
      id: client.id,
      direction: client.direction,
      source: client.source,
      destination: client.destination,
      peer: client.peer?.name.id,
      proof: client.peer?.proof ?? exchange.flatMap { proof(of: $0.pointee.upstream) } ?? .none,
      upstream: asked,
      verdict: client.verdict,
      policyVersion: keeper.policyVersion,
      detected: client.speech == .native ? .http2 : .http1,
      serverName: [],
      bytesSent: client.bytesSent,
      bytesReceived: client.bytesReceived,
      age_ns: now_ns &- client.opened_ns,
      requests: LiveConnection.Requests(
        count: client.requests,
        current: event,
        age_ns: exchange.map { now_ns &- $0.pointee.started_ns } ?? 0
      )
    )
  }
}

extension LiveConnection {
  fileprivate init(_ connection: inout Connection, _ policyVersion: UInt32, now_ns: UInt64) {
    self.init(
      id: connection.id,
      direction: connection.direction,
      source: connection.source,
      destination: connection.destination,
      peer: connection.peer?.name.id,
      proof: connection.proof,
      upstream: connection.phase == .relaying ? connection.upstreamAddress : nil,
      verdict: connection.verdict,
      policyVersion: policyVersion,
      detected: connection.detection.result,
      serverName: connection.detection.hello?.pointee.withName { Array($0) } ?? [],
      bytesSent: connection.response.bytes,
      bytesReceived: connection.request.bytes,
      age_ns: now_ns &- connection.opened_ns
    )
  }
}
