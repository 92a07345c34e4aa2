/// How a call ended: a code, and what the server says about it.
public struct GRPCStatus: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of end it was.
  public let code: Code
  /// For people; empty where the server said nothing, as it does after success. Of what would steer a terminal only line
  /// feeds and tabs are left.
  public let message: String

  /// Bytes of a message that are kept: pages of text, and far below the largest header list.
  public static let maxMessageBytes = 16 << 10

  /// A status as it is shown to callers.
  public init(_ code: Code, _ message: String = "") {
    self.code = code
    self.message = message
  }

  /// Whether the call did what it was asked to.
  public var isOK: Bool { code == .ok }

  /// `code: message`.
  public var description: String { message.isEmpty ? code.description : "\(code): \(message)" }

  /// The codes that gRPC defines (grpc/doc/statuscodes.md).
  public enum Code: Int, Hashable, Sendable, CaseIterable, CustomStringConvertible {
    case ok, cancelled, unknown, invalidArgument, deadlineExceeded, notFound, alreadyExists, permissionDenied
    case resourceExhausted, failedPrecondition, aborted, outOfRange, unimplemented, internalError, unavailable
    case dataLoss, unauthenticated

    /// Its name in gRPC's documents, in small letters.
    public var description: String {
      switch self {
      case .ok: "ok"
      case .cancelled: "cancelled"
      case .unknown: "unknown"
      case .invalidArgument: "invalid argument"
      case .deadlineExceeded: "deadline exceeded"
      case .notFound: "not found"
      case .alreadyExists: "already exists"
      case .permissionDenied: "permission denied"
      case .resourceExhausted: "resource exhausted"
      case .failedPrecondition: "failed precondition"
      case .aborted: "aborted"
      case .outOfRange: "out of range"
      case .unimplemented: "unimplemented"
      case .internalError: "internal error"
      case .unavailable: "unavailable"
      case .dataLoss: "data loss"
      case .unauthenticated: "unauthenticated"
      }
    }
  }
}
