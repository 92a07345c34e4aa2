internal import Registry

/// How a check went, before it is known which.
struct CheckReport: Hashable, Sendable {
  let outcome: CheckOutcome
  let output: String

  /// `line` says how it went; `said` is what the program said of itself, which is shown on terminals: control characters
  /// are replaced there, and bytes that are no UTF-8.
  init(_ outcome: CheckOutcome, _ line: String, said: some Sequence<UInt8> = EmptyCollection()) {
    self.outcome = outcome
    let text = String(decoding: Array(said), as: UTF8.self).unicodeScalars.map { Self.isShown($0) ? $0 : "\u{fffd}" }
    var output = String(String.UnicodeScalarView(text))
    while let last = output.last, last.isWhitespace { output.removeLast() }
    self.output = Self.bounded(output.isEmpty ? line : "\(line)\n\(output)")
  }

  private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "\n" || scalar == "\t" || scalar.properties.generalCategory != .control
  }

  /// At most as many bytes as are kept, in whole characters.
  private static func bounded(_ text: String) -> String {
    guard text.utf8.count > RegistryLimit.outputBytes else { return text }
    var scalars = String.UnicodeScalarView()
    var bytes = 0
    for scalar in text.unicodeScalars {
      bytes += UTF8.width(scalar)
      guard bytes <= RegistryLimit.outputBytes else { break }
      scalars.append(scalar)
    }
    return String(scalars)
  }
}
