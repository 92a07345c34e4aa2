/// What may stand in a journal field as plain text.
extension UnsafeRawBufferPointer {
  /// Whether this is valid UTF-8 without a control byte (00 to 1f, 7f); a newline is one of those.
  var isPrintableUTF8: Bool {
    var ascii = true
    for byte in self {
      if byte < 0x20 || byte == 0x7f { return false }
      ascii = ascii && byte < 0x80
    }
    return ascii || isUTF8
  }

  /// Whether this is valid UTF-8 (RFC 3629: shortest form, no surrogates, no scalar above 10ffff).
  var isUTF8: Bool { validUTF8Prefix == count }

  /// Bytes in front that are whole, valid scalars.
  var validUTF8Prefix: Int {
    var index = 0
    while index < count {
      let length = scalarLength(at: index)
      if length == 0 { return index }
      index += length
    }
    return index
  }

  /// The count without a last scalar that was cut in the middle; the whole count for bytes that are not UTF-8 anyway.
  var wholeScalarPrefix: Int {
    let valid = validUTF8Prefix
    return count - valid < 4 ? valid : count
  }

  /// The length of the scalar that starts at `index`; 0 where none does.
  func scalarLength(at index: Int) -> Int {
    let lead = self[index]
    if lead < 0x80 { return 1 }
    let length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2
    guard lead >= 0xc2, lead <= 0xf4, index + length <= count else { return 0 }
    // The second byte's range shuts out overlong forms, surrogates and what lies beyond the last plane.
    let second = self[index + 1]
    let low: UInt8 = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80
    let high: UInt8 = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf
    guard second >= low, second <= high else { return 0 }
    for offset in stride(from: 2, to: length, by: 1) where self[index + offset] & 0xc0 != 0x80 { return 0 }
    return length
  }
}
