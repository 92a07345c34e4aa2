extension IPAddress {
  /// The longest text of an address, in bytes: six groups of IPv6 before a dotted IPv4.
  public static let longestText = 45

  /// Parses dotted IPv4 or RFC 4291 IPv6 text where it lies, and takes what inet_pton(3) takes: no leading zeros in IPv4,
  /// no zone, nothing before or behind. Nil for anything else.
  public init?(text: UnsafeRawBufferPointer) {
    guard text.count <= Self.longestText else { return nil }
    let reader = AddressReader(text: text)
    if let bits = reader.v4(from: 0) {
      self.init(v4: bits)
    } else if let bits = reader.v6() {
      self.init(high: UInt64(truncatingIfNeeded: bits >> 64), low: UInt64(truncatingIfNeeded: bits))
    } else {
      return nil
    }
  }
}

/// Reads the two forms of an address; the only one here that sees the bytes.
private struct AddressReader {
  let text: UnsafeRawBufferPointer

  /// Four numbers up to 255 from `start` to the end, with dots between (RFC 6943 section 3.1.1, the strict form).
  func v4(from start: Int) -> UInt32? {
    var bits: UInt32 = 0
    var octet: UInt32 = 0
    var digits = 0
    var dots = 0
    for index in start..<text.count {
      if text[index] == UInt8(ascii: ".") {
        guard digits > 0, dots < 3 else { return nil }
        bits = bits << 8 | octet
        (octet, digits) = (0, 0)
        dots += 1
        continue
      }
      // A leading zero is octal to some, so it is nothing here.
      guard let digit = Self.value(text[index]), digit < 10, digits == 0 || octet > 0 else { return nil }
      octet = octet * 10 + UInt32(digit)
      digits += 1
      guard octet <= 255 else { return nil }
    }
    return dots == 3 && digits > 0 ? bits << 8 | octet : nil
  }

  /// Eight groups, or fewer around one `::`; the last two may be dotted IPv4 (RFC 4291 section 2.2).
  func v6() -> UInt128? {
    var groups = Groups()
    var start = 0
    // At the beginning a colon says nothing but as half of `::`.
    if text.first == UInt8(ascii: ":") {
      guard text.count > 1, text[1] == UInt8(ascii: ":") else { return nil }
      start = 1
    }
    var index = start
    var group: UInt16 = 0
    while index < text.count {
      let byte = text[index]
      if let digit = Self.value(byte) {
        guard index - start < 4 else { return nil }
        group = group << 4 | UInt16(digit)
        index += 1
        continue
      }
      guard byte == UInt8(ascii: ":") else {
        guard byte == UInt8(ascii: "."), let bits = v4(from: start) else { return nil }
        guard groups.add(UInt16(bits >> 16)), groups.add(UInt16(bits & 0xffff)) else { return nil }
        return groups.bits
      }
      if index == start {
        guard groups.open() else { return nil }
      } else {
        guard groups.add(group), index + 1 < text.count else { return nil }
      }
      index += 1
      (start, group) = (index, 0)
    }
    guard index == start || groups.add(group) else { return nil }
    return groups.bits
  }

  /// What a hexadecimal digit stands for.
  @inline(__always)
  private static func value(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}

/// The groups of an IPv6 address as they are read, up to the gap that `::` is, and behind it.
private struct Groups {
  private static let all = 8

  private var before: UInt128 = 0
  private var behind: UInt128 = 0
  private var count = 0
  /// How many stand before the gap; nil before it was seen.
  private var gap: Int?

  /// Adds a group; false where there is no room for it.
  mutating func add(_ group: UInt16) -> Bool {
    guard count < Self.all else { return false }
    behind = behind << 16 | UInt128(group)
    count += 1
    return true
  }

  /// Begins the gap; false where there was one.
  mutating func open() -> Bool {
    guard gap == nil else { return false }
    gap = count
    (before, behind) = (behind, 0)
    return true
  }

  /// The address; nil where groups are missing, or a gap stands for none.
  var bits: UInt128? {
    guard let gap else { return count == Self.all ? behind : nil }
    return count < Self.all ? before << (16 * (Self.all - gap)) | behind : nil
  }
}
