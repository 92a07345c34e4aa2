internal import Yams

/// Reads back what `CanonicalJSON` writes, as the nodes that the YAML parser would make of it. An agent that starts reads
/// ten thousand documents, and a parser of all of YAML takes most of a start for them.
///
/// It reads no more than that one form: of anything else, JSON or not, it says nil, and the parser judges.
struct CanonicalNode {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var at = 0
  // What the parser finds by itself, one object for all nodes of a kind: no rule says what a plain value is (`YAMLStream`).
  private let scalar = Tag(.str, .basic)
  private let mapping = Tag(.map, .basic)
  private let sequence = Tag(.seq, .basic)

  /// The node of a whole document; nil where `json` is not in the form that is written.
  static func read(_ json: [UInt8]) -> Node? {
    json.withUnsafeBufferPointer { bytes in
      var reader = CanonicalNode(bytes: bytes)
      guard let node = reader.value(depth: 0), reader.at == bytes.count else { return nil }
      return node
    }
  }

  private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

  private mutating func skip(_ wanted: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: wanted) else { return false }
    at += 1
    return true
  }

  private mutating func value(depth: Int) -> Node? {
    guard depth <= CanonicalJSON.maxDepth else { return nil }
    switch next {
    case UInt8(ascii: "{"): return object(depth)
    case UInt8(ascii: "["): return list(depth)
    case UInt8(ascii: "\""): return text().map { .scalar(.init($0, scalar, .doubleQuoted)) }
    default: return token()
    }
  }

  private mutating func object(_ depth: Int) -> Node? {
    at += 1
    var pairs: [(Node, Node)] = []
    var last: String?
    guard !skip("}") else { return .mapping(.init(pairs, mapping, .flow)) }
    repeat {
      guard let key = text(), skip(":"), let value = value(depth: depth + 1) else { return nil }
      // In order, so no key is there twice.
      if let last, last >= key { return nil }
      last = key
      pairs.append((.scalar(.init(key, scalar, .doubleQuoted)), value))
    } while skip(",")
    return skip("}") ? .mapping(.init(pairs, mapping, .flow)) : nil
  }

  private mutating func list(_ depth: Int) -> Node? {
    at += 1
    var items: [Node] = []
    guard !skip("]") else { return .sequence(.init(items, sequence, .flow)) }
    repeat {
      guard let item = value(depth: depth + 1) else { return nil }
      items.append(item)
    } while skip(",")
    return skip("]") ? .sequence(.init(items, sequence, .flow)) : nil
  }

  /// A number, a boolean or null: what its letters mean is judged where it is used.
  private mutating func token() -> Node? {
    let start = at
    while let byte = next, Self.tokens.contains(byte) { at += 1 }
    guard at > start, at - start > 1 || bytes[start] != UInt8(ascii: "-") else { return nil }
    return .scalar(.init(String(decoding: bytes[start..<at], as: UTF8.self), scalar, .plain))
  }

  private mutating func text() -> String? {
    guard skip("\"") else { return nil }
    let start = at
    while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
      guard byte >= 0x20 else { return nil }
      at += 1
    }
    guard next == UInt8(ascii: "\"") else { return escaped(from: start) }
    defer { at += 1 }
    return String(validating: bytes[start..<at], as: UTF8.self).flatMap { CanonicalJSON.isVerbatim($0) ? $0 : nil }
  }

  /// A text with escapes, which few have.
  private mutating func escaped(from start: Int) -> String? {
    var found = Array(bytes[start..<at])
    // What stands between two escapes.
    var (run, verbatim) = (0, true)
    while let byte = next, byte != UInt8(ascii: "\"") {
      guard byte >= 0x20 else { return nil }
      at += 1
      guard byte == UInt8(ascii: "\\") else {
        found.append(byte)
        continue
      }
      guard let scalar = escape() else { return nil }
      verbatim = verbatim && CanonicalJSON.isVerbatim(String(validating: found[run...], as: UTF8.self) ?? "\u{ffff}")
      found.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      run = found.count
    }
    // The parser loses a mark of byte order at the start of a text (U+FEFF); what that comes to is for it to say.
    guard !found.starts(with: [0xef, 0xbb, 0xbf]) else { return nil }
    guard verbatim, skip("\""), let rest = String(validating: found[run...], as: UTF8.self) else { return nil }
    return CanonicalJSON.isVerbatim(rest) ? String(validating: found, as: UTF8.self) : nil
  }

  private mutating func escape() -> Unicode.Scalar? {
    defer { at += 1 }
    switch next {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "u"):
      guard at + 4 < bytes.count else { return nil }
      let digits = String(decoding: bytes[(at + 1)...(at + 4)], as: UTF8.self)
      at += 4
      // The sign that Swift would take is no digit.
      return digits.first == "+" ? nil : UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init)
    default: return nil
    }
  }

  /// Letters of numbers, `true`, `false` and `null`.
  private static let tokens = Set("-+.0123456789eEtruefalsn".utf8)
}
