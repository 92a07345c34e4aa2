/// A journal entry as one line of JSON (RFC 8259), in the shape of `journalctl -o json`.
///
/// Every value is a string; one that is not UTF-8 is an array of its bytes as numbers, as journalctl writes it, so nothing
/// is lost. Control characters, C1 included, are escaped: the line is safe to show on a terminal.
extension ByteBuilder {
  /// Appends `{"NAME":"value",…}` and a newline.
  mutating func appendJSON(_ entry: borrowing JournalEntry, realtimeMicroseconds: UInt64) {
    append("{\"__REALTIME_TIMESTAMP\":\"")
    append(decimal: realtimeMicroseconds)
    append(UInt8(ascii: "\""))
    entry.forEachField { name, value in
      append(",\"")
      append(name)
      append("\":")
      appendJSON(value)
    }
    append("}\n")
  }

  private mutating func appendJSON(_ value: UnsafeRawBufferPointer) {
    guard value.isUTF8 else { return appendJSONArray(value) }
    append(UInt8(ascii: "\""))
    var index = 0
    while index < value.count {
      let length = value.scalarLength(at: index)
      appendJSON(scalar: UnsafeRawBufferPointer(rebasing: value[index..<(index + length)]))
      index += length
    }
    append(UInt8(ascii: "\""))
  }

  private mutating func appendJSON(scalar: UnsafeRawBufferPointer) {
    let lead = scalar[0]
    switch lead {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"):
      append(UInt8(ascii: "\\"))
      append(lead)
    case UInt8(ascii: "\n"): append("\\n")
    case UInt8(ascii: "\r"): append("\\r")
    case UInt8(ascii: "\t"): append("\\t")
    case 0..<0x20, 0x7f: appendEscape(lead)
    // c2 80 to c2 9f are U+0080 to U+009F.
    case 0xc2 where scalar[1] < 0xa0: appendEscape(scalar[1])
    default: append(scalar)
    }
  }

  private mutating func appendEscape(_ code: UInt8) {
    let digits: StaticString = "0123456789abcdef"
    append("\\u00")
    append(digits.utf8Start[Int(code >> 4)])
    append(digits.utf8Start[Int(code & 15)])
  }

  private mutating func appendJSONArray(_ value: UnsafeRawBufferPointer) {
    append(UInt8(ascii: "["))
    for (index, byte) in value.enumerated() {
      if index > 0 { append(UInt8(ascii: ",")) }
      append(decimal: UInt64(byte))
    }
    append(UInt8(ascii: "]"))
  }
}
