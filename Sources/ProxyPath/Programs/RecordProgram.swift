internal import HTTP2
internal import Kernel
internal import MeshModel
internal import Reactor

extension Worker {
  /// Hands over the one record of a program's connection; its requests have theirs.
  func recordProgram(
    _ connection: UnsafeMutablePointer<PeerConnection>,
    _ end: PeerConnectionEnd,
    _ reason: CloseReason?
  ) {
    guard let program = connection.pointee.program else { return }
    let (known, code) = Self.reason(end, isWorking: connection.pointee.streamCount > 0)
    var event = PathEvent(
      kind: .closed,
      direction: program.direction,
      reason: reason ?? (connection.pointee.phase == .leaving && known == .idle ? .finished : known),
      detected: .http2,
      code: code,
      id: program.id,
      verdict: program.verdict,
      policyVersion: keeper.policyVersion,
      source: connection.pointee.peer,
      destination: program.destination,
      bytesSent: program.bytesSent,
      bytesReceived: program.bytesReceived,
      duration_ns: now_ns &- connection.pointee.opened_ns,
      connect_ns: 0,
      hello: nil
    )
    event.isOfRequests = true
    event.entry = program.entry
    event.requests = program.requests
    event.series.source = program.series
    if case .refused(let refusal) = end { event.refusal = refusal }
    // Who broke the protocol was told so in its words, which a reset could overtake.
    if event.reason.resets, event.reason != .badProtocol { connection.pointee.side.resetOnClose() }
    record(event)
  }

  private static func reason(_ end: PeerConnectionEnd, isWorking: Bool) -> (CloseReason, code: Int32) {
    switch end {
    case .closed: (isWorking ? .clientReset : .finished, 0)
    case .broken(let code): (.clientReset, code)
    case .refused: (.badProtocol, 0)
    case .timedOut, .idle, .stalled: (.idle, 0)
    // Of connections that are dialled, or of TLS.
    case .unreachable(let code): (.upstreamUnreachable, code)
    case .notAdmitted, .distrusted, .crowded, .crowding: (.finished, 0)
    }
  }

  /// A connection that was dialled has ended, or never came about.
  func countDialled(
    _ connection: UnsafeMutablePointer<PeerConnection>,
    _ end: PeerConnectionEnd,
    wasOpen: Bool
  ) {
    let direction = connection.pointee.direction
    guard wasOpen else { return }
    let duration_ms = (now_ns &- connection.pointee.opened_ns) / 1_000_000
    counters.upstreamClosed(
      direction,
      connection.pointee.series,
      code: end.isOrderly ? 0 : end.code,
      duration_ms: duration_ms
    )
  }

  /// A program's connection, for whoever asks what is open.
  func describe(_ connection: UnsafeMutablePointer<PeerConnection>, _ program: DiallingProgram) -> LiveConnection {
    LiveConnection(
      id: program.id,
      direction: program.direction,
      source: connection.pointee.peer,
      destination: program.destination,
      peer: nil,
      proof: .none,
      upstream: nil,
      verdict: program.verdict,
      policyVersion: keeper.policyVersion,
      detected: .http2,
      serverName: [],
      bytesSent: program.bytesSent,
      bytesReceived: program.bytesReceived,
      age_ns: now_ns &- connection.pointee.opened_ns,
      requests: LiveConnection.Requests(count: program.requests, current: nil, age_ns: 0)
    )
  }
}

extension PeerConnectionEnd {
  /// Nothing broke.
  fileprivate var isOrderly: Bool {
    switch self {
    case .closed, .idle: true
    default: false
    }
  }
}
