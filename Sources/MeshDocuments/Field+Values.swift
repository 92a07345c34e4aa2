internal import MeshModel

// Values of kinds that several documents have. Each returns nil after an error; what others made of the same document
// then does not matter, since nothing is taken.

extension Field {
  /// `true` or `false`, not in quotes. YAML 1.1's other words for them are refused: too many take them for text.
  func boolean() -> Bool? {
    switch plain {
    case "true", "True", "TRUE": return true
    case "false", "False", "FALSE": return false
    default: break
    }
    error("is \(described); wanted is true or false, without quotes")
    return nil
  }

  /// A number, perhaps with a fraction, not in quotes.
  func number() -> Double? {
    if let plain,
      plain.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || ".-".utf8.contains($0) }),
      let number = Double(plain)
    {
      return number
    }
    error("is \(described); wanted is a number such as 5 or 0.5, without quotes")
    return nil
  }

  /// A percentage, in parts of a million.
  func partsPerMillion() -> UInt32? {
    guard let number = number() else { return nil }
    guard (0...100).contains(number) else {
      error("\(described) is not a percentage; these are 0 to 100")
      return nil
    }
    return UInt32((number * 10_000).rounded())
  }

  /// A whole number of `range`; `what` names it in errors.
  func integer<Number: FixedWidthInteger>(_ range: ClosedRange<Number>, _ what: String) -> Number? {
    guard let number = integer() else { return nil }
    guard let exact = Number(exactly: number), range.contains(exact) else {
      error("\(number) is not \(what); wanted is \(range.lowerBound) to \(range.upperBound)")
      return nil
    }
    return exact
  }

  /// A port's number.
  func port() -> UInt16? { integer(1...UInt16.max, "a port") }

  /// Text in which `problem` finds nothing wrong.
  func text(_ problem: (String) -> String?) -> String? {
    guard let text = text() else { return nil }
    guard let problem = problem(text) else { return text }
    error("\"\(text)\" \(problem)")
    return nil
  }

  /// One of the words of `Word`; `what` says what they are, `advice` more about some that are refused.
  func word<Word: RawRepresentable & CaseIterable>(
    _ type: Word.Type,
    _ what: String,
    advice: [String: String] = [:]
  ) -> Word? where Word.RawValue == String {
    guard let text = text() else { return nil }
    if let word = Word(rawValue: text) { return word }
    if let advice = advice[text] {
      error("\"\(text)\" \(advice)")
    } else {
      error("\"\(text)\" is no \(what); \(Suggestion.clause(for: text, among: Word.allCases.map(\.rawValue)))")
    }
    return nil
  }

  /// The entries of a list that can be read.
  func each<Value>(limit: Int, _ read: (Field) -> Value?) -> [Value] {
    (list(limit: limit) ?? []).compactMap(read)
  }

  /// The entries of a list that must not be empty.
  func entries<Value>(limit: Int, _ read: (Field) -> Value?) -> [Value] {
    if count == 0 { error("is an empty list; give it an entry or leave it out") }
    return each(limit: limit, read)
  }

  /// An error for a field that an object must have; `wanted` is an example of it.
  func require(_ name: String, in fields: [String: Field], _ wanted: String) -> Field? {
    if fields[name] == nil { error("\(name) is missing; wanted is \(wanted)") }
    return fields[name]
  }

  /// The value as it was written, or its kind where it is no scalar.
  private var described: String { written.map { "\"\($0)\"" } ?? what }
}
