internal import Yams

/// What an unquoted YAML value is to Kubernetes, whose parser follows YAML 1.1: `yes` and `off` are booleans
/// there. A value it would refuse as text must not become text here.
enum PlainScalar {
  enum Kind: String {
    case text
    case number = "a number"
    case boolean = "a boolean"
    case null
  }

  /// Whether the value was written without quotes, so that its kind follows from its looks.
  static func isImplicit(_ scalar: Node.Scalar) -> Bool { scalar.style == .plain }

  static func kind(_ text: String) -> Kind {
    if nulls.contains(text) { return .null }
    if booleans.contains(text) { return .boolean }
    return isNumber(text) ? .number : .text
  }

  /// A decimal integer, perhaps negative, without leading zero, underscore or base: YAML 1.1 and 1.2 agree about it.
  static func integer(_ text: String) -> Int? {
    let digits = text.hasPrefix("-") ? text.dropFirst() : Substring(text)
    guard digits.utf8.allSatisfy(isDigit), digits == "0" || digits.utf8.first != UInt8(ascii: "0") else { return nil }
    return Int(text)
  }

  /// What an unquoted value is in JSON: as YAML 1.2 reads numbers, and Kubernetes the words for booleans. Nil for what
  /// JSON cannot say.
  static func json(_ text: String) -> (text: String, isText: Bool)? {
    switch kind(text) {
    case .text: return (text, true)
    case .null: return ("null", false)
    case .boolean: return (["y", "yes", "on", "true"].contains(text.lowercased()) ? "true" : "false", false)
    case .number: return number(text).map { ($0, false) }
    }
  }

  private static func number(_ text: String) -> String? {
    if isJSONNumber(text) { return text }
    let digits = text.filter { $0 != "_" }
    let isNegative = digits.hasPrefix("-")
    let unsigned = digits.drop { $0 == "-" || $0 == "+" }
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where unsigned.hasPrefix(prefix) {
      return Int(unsigned.dropFirst(2), radix: radix).map { "\(isNegative ? -$0 : $0)" }
    }
    if let number = Int(digits) { return "\(number)" }
    return Double(digits).flatMap { $0.isFinite ? "\($0)" : nil }
  }

  /// `-`, digits without a leading zero, perhaps a fraction and an exponent (RFC 8259 section 6).
  private static func isJSONNumber(_ text: String) -> Bool {
    var rest = text.utf8[...]
    func digits() -> Int {
      let count = rest.prefix(while: isDigit).count
      rest = rest.dropFirst(count)
      return count
    }
    func skip(_ letters: String) -> Bool {
      guard let first = rest.first, letters.utf8.contains(first) else { return false }
      rest = rest.dropFirst()
      return true
    }
    _ = skip("-")
    let startsWithZero = rest.first == UInt8(ascii: "0")
    let whole = digits()
    guard whole > 0, whole == 1 || !startsWithZero else { return false }
    if skip("."), digits() == 0 { return false }
    if skip("eE") {
      _ = skip("+-")
      if digits() == 0 { return false }
    }
    return rest.isEmpty
  }

  private static let nulls: Set<String> = ["", "~", "null", "Null", "NULL"]
  private static let booleans: Set<String> = [
    "y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE",
    "n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE",
  ]

  private static func isNumber(_ text: String) -> Bool {
    var rest = Substring(text)
    if rest.hasPrefix("-") || rest.hasPrefix("+") { rest.removeFirst() }
    if [".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"].contains(String(rest)) { return true }
    guard let first = rest.utf8.first, isDigit(first) || first == UInt8(ascii: "."), rest.utf8.contains(where: isDigit)
    else { return false }
    for prefix in ["0x", "0o", "0b"] where rest.hasPrefix(prefix) {
      return rest.utf8.dropFirst(2).allSatisfy { isHexDigit($0) || $0 == UInt8(ascii: "_") }
    }
    return Double(rest.filter { $0 != "_" }) != nil
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
  }
}
