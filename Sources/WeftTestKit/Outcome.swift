/// How a program ended, and what it said.
public struct Outcome: Sendable, CustomStringConvertible {
  /// The command, for messages.
  public let command: String
  /// Its exit code, or 128 plus the signal that ended it, as a shell counts.
  public let code: Int32
  /// Standard output.
  public let output: String
  /// Standard error.
  public let error: String

  /// Whether it exited with 0.
  public var succeeded: Bool { code == 0 }

  /// All of it, long streams by their tails.
  public var description: String {
    "\(command): exit \(code)\nstdout: \(output.suffix(4000))\nstderr: \(error.suffix(4000))"
  }

  /// Itself, where the exit code is 0.
  ///
  /// - Throws: `TestKitError` with all it said otherwise.
  @discardableResult
  public func orThrow() throws -> Outcome {
    guard succeeded else { throw TestKitError(description) }
    return self
  }
}
