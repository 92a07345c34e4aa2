internal import Yams

/// Writes a document as JSON that is equal for equal content: keys sorted, no white space, and each value of the type
/// that it has for Kubernetes. It is also YAML that reads as the same document.
struct CanonicalJSON {
  /// Deeper than any kind of ours goes; the bound keeps what walks through a document from running out of stack.
  static let maxDepth = 64
  /// Longer than a label or annotation may be; a YAML parser takes 1,024 for a key within a line.
  static let maxKeyBytes = 512

  private var bytes: [UInt8] = []
  private let limit: Int

  /// The JSON of `document`, at most `limit` bytes of it; nil after an error.
  static func bytes(of document: Field, limit: Int) -> [UInt8]? {
    let errors = document.issues.errors
    var json = CanonicalJSON(limit: limit)
    json.write(document, depth: 0)
    guard json.bytes.count <= limit else {
      document.error("has more than the \(limit) bytes that a document may have")
      return nil
    }
    return document.issues.errors == errors ? json.bytes : nil
  }

  private init(limit: Int) { self.limit = limit }

  private mutating func write(_ field: Field, depth: Int) {
    // What aliases expand to is cut off where it is too much anyway.
    guard bytes.count <= limit else { return }
    guard depth <= Self.maxDepth else { return field.error("is nested deeper than \(Self.maxDepth) levels") }
    if let text = field.plain {
      guard field.isPlainTag else { return }
      guard let token = PlainScalar.json(text) else { return field.error("\(text) is no number in JSON") }
      token.isText ? write(text: token.text) : bytes.append(contentsOf: token.text.utf8)
    } else if let text = field.written {
      if field.isPlainTag { write(text: text) }
    } else if field.node.mapping != nil {
      write(object: field, depth: depth)
    } else {
      writeAll("[", field.list(limit: .max) ?? [], "]") { $0.write($1, depth: depth + 1) }
    }
  }

  private mutating func write(object: Field, depth: Int) {
    let pairs = (object.anyObject() ?? []).sorted { $0.name < $1.name }
    for (name, value) in pairs {
      if name == "<<" { value.error("merging objects by << is not supported; write the values out") }
      if name.utf8.count > Self.maxKeyBytes { value.error("has a key of more than \(Self.maxKeyBytes) bytes") }
    }
    writeAll("{", pairs, "}") { json, pair in
      json.write(text: pair.name)
      json.bytes.append(UInt8(ascii: ":"))
      json.write(pair.value, depth: depth + 1)
    }
  }

  private mutating func writeAll<Item>(
    _ start: Unicode.Scalar,
    _ items: [Item],
    _ end: Unicode.Scalar,
    _ write: (inout CanonicalJSON, Item) -> Void
  ) {
    bytes.append(UInt8(ascii: start))
    for (index, item) in items.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      write(&self, item)
    }
    bytes.append(UInt8(ascii: end))
  }

  /// What YAML takes for the end of a line, or refuses, stands as a number. All of these have four digits.
  private static func isNumbered(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "\0"..."\u{1f}", "\u{7f}"..."\u{a0}", "\u{2028}", "\u{2029}", "\u{feff}", "\u{fffe}", "\u{ffff}": true
    default: false
    }
  }

  /// Whether a text without quotes and backslashes stands in JSON as it is.
  static func isVerbatim(_ text: String) -> Bool {
    text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f } || !text.unicodeScalars.contains(where: isNumbered)
  }

  private mutating func write(text: String) {
    bytes.append(UInt8(ascii: "\""))
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": bytes.append(contentsOf: "\\\"".utf8)
      case "\\": bytes.append(contentsOf: "\\\\".utf8)
      case "\n": bytes.append(contentsOf: "\\n".utf8)
      case _ where Self.isNumbered(scalar):
        let digits = String(scalar.value, radix: 16)
        bytes.append(contentsOf: "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8)
      default: bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
