internal import Glibc

/// A socket call of a test that failed, with the kernel's reason to compare: `ECONNREFUSED`, `ECONNRESET`, `ETIMEDOUT`.
public struct SocketFailure: Error, Equatable, CustomStringConvertible {
  /// The call, such as `connect`.
  public let call: String
  /// `errno`; `ETIMEDOUT` also where the test's own deadline was over first.
  public let code: Int32

  init(_ call: String, code: Int32 = errno) {
    self.call = call
    self.code = code
  }

  /// The call and its reason.
  public var description: String { "\(call): \(String(cString: strerror(code)))" }
}
