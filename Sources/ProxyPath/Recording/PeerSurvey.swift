internal import MeshModel
internal import Reactor
internal import TransportSecurity

/// Connections between proxies, of one worker.
struct PeerAnswer: Sendable {
  var peers: [PeerReport] = []
  /// Whether there are more.
  var isTruncated = false
}

/// Asks each worker for its connections to and from other proxies, up to so many.
typealias PeerSurvey = Survey<Int, PeerAnswer>

extension Worker {
  /// Answers for this worker.
  func report(_ survey: PeerSurvey) {
    var answer = PeerAnswer()
    for index in 0..<peers.connections.extent {
      // Those without the mesh's TLS are programs' and servers', not proxies'.
      guard let slot = peers.connections.tenant(index), let connection = peers.connections.pointer(slot),
        connection.pointee.tls != nil
      else { continue }
      guard answer.peers.count < survey.question else {
        answer.isTruncated = true
        break
      }
      answer.peers.append(PeerReport(&connection.pointee, now_ns: now_ns))
    }
    survey.answer(answer)
  }
}

extension PeerReport {
  fileprivate init(_ connection: inout PeerConnection, now_ns: UInt64) {
    let state: State =
      switch connection.phase {
      case .connecting, .shaking, .greeting: .connecting
      case .open: .open
      case .leaving: .leaving
      }
    self.init(
      direction: connection.isServer ? .inbound : .outbound,
      state: state,
      address: connection.peer,
      ageMs: Int64((now_ns &- connection.opened_ns) / 1_000_000)
    )
    expectedIdentity = connection.key?.identity?.description
    streams = connection.streamCount
    streamsTotal = connection.streamTotal
    guard let peer = connection.tls?.peer else { return }
    identity = peer.spiffeID.description
    certificateNotAfterS = peer.notAfter_s
    tlsVersion = connection.tls?.version
    isResumed = connection.tls?.isResumed
  }
}
