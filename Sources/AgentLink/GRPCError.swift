public import HTTP2

/// Why a client refuses what it is asked.
public enum GRPCError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The message has so many bytes, more than `GRPCLimits.message_bytes`.
  case messageTooLarge(Int, limit: Int)
  /// The call has ended, or `finish` was said before.
  case notOpen
  /// The server does not read: too much waits to be sent. Try again when some of it was.
  case pendingFull
  /// The connection below says no; a new one may say yes.
  case session(SessionError)

  init(_ error: SessionError) {
    switch error {
    case .pendingFull: self = .pendingFull
    case .notOpen: self = .notOpen
    default: self = .session(error)
    }
  }

  /// One sentence without its full stop.
  public var description: String {
    switch self {
    case .messageTooLarge(let size, let limit): "the message has \(size) bytes; at most \(limit) can be sent"
    case .notOpen: "the call is over"
    case .pendingFull: "the server does not read what was sent to it"
    case .session(let error): error.description
    }
  }
}
