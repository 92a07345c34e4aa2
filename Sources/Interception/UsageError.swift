/// An option that cannot be used: which, with which value, and what would be right. Ends with exit code 2.
public struct UsageError: Error, Equatable, CustomStringConvertible {
  /// The option as a user types it, with its dashes.
  public let option: String
  /// Nil for a switch, which has none.
  public let value: String?
  /// What would be right.
  public let advice: String

  /// `option` with its dashes, `value` nil for a switch.
  public init(_ option: String, _ value: String?, _ advice: String) {
    self.option = option
    self.value = value
    self.advice = advice
  }

  /// One line, control characters made harmless: the value may be anything.
  public var description: String {
    guard let value else { return "\(option): \(advice)" }
    let shown = value.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : String($0) }.joined()
    return "\(option) \(shown.isEmpty ? "''" : shown): \(advice)"
  }
}
