/// An error reply of the admin socket, with a 4xx status.
public struct AdminError: Error, Codable, Hashable, Sendable, CustomStringConvertible {
  /// What was wrong, as a sentence.
  public var error: String

  /// A refusal.
  public init(_ error: String) { self.error = error }

  /// The sentence.
  public var description: String { error }
}
