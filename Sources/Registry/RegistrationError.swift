/// Why a registration is not taken: the field and what is wrong with it.
public struct RegistrationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The path of the field, such as `ports[1].port`; empty where it is about the whole.
  public let place: String
  /// What is wrong and what would be right.
  public let message: String

  /// An error at `place`.
  public init(_ place: String, _ message: String) {
    self.place = place
    self.message = message
  }

  /// `place: message`.
  public var description: String { place.isEmpty ? message : "\(place): \(message)" }
}
