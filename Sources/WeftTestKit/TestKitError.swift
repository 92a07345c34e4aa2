internal import Glibc

/// Why the harness could not do its part of a test: what it tried, on what, and what was seen instead.
public struct TestKitError: Error, CustomStringConvertible {
  /// One readable paragraph; swift-testing prints it as the reason of the failure.
  public let description: String

  /// States the failure in full: what was tried, and what was seen instead.
  public init(_ description: String) { self.description = description }

  /// A failed libc call, with errno's text.
  static func system(_ call: String, _ subject: String = "", code: Int32 = errno) -> TestKitError {
    TestKitError("\(call)\(subject.isEmpty ? "" : " \(subject)"): \(String(cString: strerror(code)))")
  }
}
