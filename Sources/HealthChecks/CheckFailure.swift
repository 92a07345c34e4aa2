internal import AsyncHTTPClient
internal import GRPCCore
internal import Glibc
internal import NIOCore

/// Why a check failed, as one line: what was asked of whom, and what happened.
struct CheckFailure: Error, Hashable, CustomStringConvertible {
  let description: String

  /// `reason` happened to `what`.
  init(_ what: String, _ reason: String) { description = "\(what): \(reason)" }

  /// `error` happened to `what`.
  init(_ what: String, _ error: any Error) { self.init(what, Self.reason(error)) }

  /// The time is up.
  static func late(_ what: String, _ timeout_ms: UInt32) -> CheckFailure {
    CheckFailure(what, "no answer in \(timeout_ms) ms")
  }

  /// The system's own words where it is the system's error.
  static func reason(_ error: any Error) -> String {
    switch error {
    case let error as IOError: text(errno: error.errnoCode)
    case let error as RPCError:
      error.cause.map { reason($0) } ?? "\(error.code)\(error.message.isEmpty ? "" : ": \(error.message)")"
    case let error as HTTPClientError where error == .remoteConnectionClosed:
      "the connection was closed without a whole answer"
    default: "\(error)".split(whereSeparator: \.isNewline).joined(separator: " ")
    }
  }

  static func text(errno code: Int32) -> String { String(cString: strerror(code)).lowercased() }
}
