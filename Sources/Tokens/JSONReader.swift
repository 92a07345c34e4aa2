internal import Policy

/// JSON (RFC 8259) from somebody nobody vouches for yet: depth and number of values are bounded, a name that comes
/// twice in an object is refused (two readers would differ on which counts), and so is a lone surrogate.
struct JSONReader {
  /// Not JSON, or beyond the limits.
  struct Malformed: Error {}

  private let bytes: UnsafeRawBufferPointer
  private var position = 0
  private var values = 0

  /// The value that `bytes` hold, with nothing but white space around it.
  static func read(_ bytes: UnsafeRawBufferPointer) throws(Malformed) -> ClaimValue {
    var reader = JSONReader(bytes)
    let value = try reader.value(depth: 0)
    reader.skipSpace()
    guard reader.position == bytes.count else { throw Malformed() }
    return value
  }

  private init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  private mutating func value(depth: Int) throws(Malformed) -> ClaimValue {
    values += 1
    guard values <= TokenLimit.values, depth <= TokenLimit.depth else { throw Malformed() }
    skipSpace()
    switch peek {
    case UInt8(ascii: "{"): return .object(try members(depth: depth))
    case UInt8(ascii: "["): return .list(try elements(depth: depth))
    case UInt8(ascii: "\""): return .text(try text())
    case UInt8(ascii: "t"): return try word("true", .boolean(true))
    case UInt8(ascii: "f"): return try word("false", .boolean(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return .number(try number())
    }
  }

  private mutating func members(depth: Int) throws(Malformed) -> [ClaimValue.Member] {
    position += 1
    var members: [ClaimValue.Member] = []
    // Compared as bytes: String takes canonically equal texts for one, issuers need not.
    var names: Set<[UInt8]> = []
    skipSpace()
    if take(UInt8(ascii: "}")) { return members }
    repeat {
      skipSpace()
      let name = try text()
      guard names.insert(Array(name.utf8)).inserted else { throw Malformed() }
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw Malformed() }
      members.append(ClaimValue.Member(name, try value(depth: depth + 1)))
      skipSpace()
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "}")) else { throw Malformed() }
    return members
  }

  private mutating func elements(depth: Int) throws(Malformed) -> [ClaimValue] {
    position += 1
    var elements: [ClaimValue] = []
    skipSpace()
    if take(UInt8(ascii: "]")) { return elements }
    repeat {
      elements.append(try value(depth: depth + 1))
      skipSpace()
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "]")) else { throw Malformed() }
    return elements
  }

  private mutating func word(_ word: StaticString, _ value: ClaimValue) throws(Malformed) -> ClaimValue {
    for index in 0..<word.utf8CodeUnitCount where !take(word.utf8Start[index]) { throw Malformed() }
    return value
  }

  /// RFC 8259 section 6, kept as it is written.
  private mutating func number() throws(Malformed) -> String {
    let start = position
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")) { try digits() }
    if take(UInt8(ascii: ".")) { try digits() }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try digits()
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func digits() throws(Malformed) {
    let start = position
    while UInt8(ascii: "0")...UInt8(ascii: "9") ~= peek { position += 1 }
    guard position > start else { throw Malformed() }
  }
}

extension JSONReader {
  /// The byte at the position; 0, which no JSON has where we look, at the end.
  private var peek: UInt8 { position < bytes.count ? bytes[position] : 0 }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while peek == 0x20 || peek == 0x0a || peek == 0x0d || peek == 0x09 { position += 1 }
  }

  private mutating func text() throws(Malformed) -> String {
    guard take(UInt8(ascii: "\"")) else { throw Malformed() }
    var content: [UInt8] = []
    while true {
      guard position < bytes.count else { throw Malformed() }
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: content, as: UTF8.self) else { throw Malformed() }
        return text
      case UInt8(ascii: "\\"): try escape(into: &content)
      case 0..<0x20: throw Malformed()
      default: content.append(byte)
      }
    }
  }

  private mutating func escape(into content: inout [UInt8]) throws(Malformed) {
    let kind = peek
    position += 1
    switch kind {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(kind)
    case UInt8(ascii: "b"): content.append(0x08)
    case UInt8(ascii: "f"): content.append(0x0c)
    case UInt8(ascii: "n"): content.append(0x0a)
    case UInt8(ascii: "r"): content.append(0x0d)
    case UInt8(ascii: "t"): content.append(0x09)
    case UInt8(ascii: "u"):
      guard let scalar = Unicode.Scalar(try codePoint()) else { throw Malformed() }
      content.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    default: throw Malformed()
    }
  }

  /// Four hexadecimal digits, or twice four where they are a surrogate pair.
  private mutating func codePoint() throws(Malformed) -> UInt32 {
    let first = try codeUnit()
    guard 0xd800..<0xdc00 ~= first else { return first }
    guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw Malformed() }
    let second = try codeUnit()
    guard 0xdc00..<0xe000 ~= second else { throw Malformed() }
    return 0x10000 + (first - 0xd800) << 10 + (second - 0xdc00)
  }

  private mutating func codeUnit() throws(Malformed) -> UInt32 {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      let digit: UInt8
      switch peek {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = peek - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = peek - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = peek - UInt8(ascii: "A") + 10
      default: throw Malformed()
      }
      position += 1
      unit = unit << 4 | UInt32(digit)
    }
    return unit
  }
}
