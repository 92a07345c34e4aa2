internal import HTTP2
internal import Kernel
internal import TransportSecurity

/// How a connection to another proxy came to its end.
enum PeerConnectionEnd: Sendable {
  /// It could not be dialled; the value is `errno`.
  case unreachable(Int32)
  case timedOut
  /// One of both did not prove to be who it should be, or a record was not what TLS allows.
  case notAdmitted(TLSFault)
  /// The peer did not keep to HTTP/2.
  case refused(PathRefusal)
  /// The peer closed it.
  case closed
  /// Reset, or given up by the kernel; the value is `errno`.
  case broken(Int32)
  /// Nobody needed it.
  case idle
  /// What its peer's certificate was signed by is not believed any more.
  case distrusted
  /// The other side began to say something and did not end it.
  case stalled(Unfinished.Kind)
  /// Its identity holds more of this worker than is left for others (`PeerShareLimit`).
  case crowded
  /// No end, but what is told of that: what the identity holds, and what it was refused since that was told.
  case crowding(connections: Int, streams: Int, refused: Int)

  /// It was told of together with others.
  var isTold: Bool { if case .crowded = self { true } else { false } }

  /// It was this side's wish.
  var isMeant: Bool {
    switch self {
    case .idle, .distrusted, .stalled, .crowded: true
    default: false
    }
  }

  /// Somebody did not do what he should.
  var isFault: Bool {
    switch self {
    case .unreachable, .timedOut, .notAdmitted, .refused, .stalled, .crowded, .crowding: true
    case .closed, .broken, .idle, .distrusted: false
    }
  }

  /// What its streams' owners are told, as `errno`.
  var code: Int32 {
    switch self {
    case .unreachable(let code), .broken(let code): code
    case .timedOut, .stalled(.greeting): DialError.timedOut
    case .notAdmitted: DialError.refused
    case .refused, .closed, .idle, .distrusted, .stalled, .crowded, .crowding: DialError.reset
    }
  }
}
