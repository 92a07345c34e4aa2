extension [String] {
  /// Entries of a list that an explanation spells out; the rest is counted.
  private static var maxListed: Int { 8 }

  /// The first ones, and how many more there are.
  func listed(separator: String = ", ") -> String {
    let rest = count - Self.maxListed
    let shown = prefix(Self.maxListed).joined(separator: separator)
    return rest > 0 ? "\(shown) and \(rest) more" : shown
  }
}
