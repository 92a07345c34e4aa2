/// Reads lower-case hexadecimal digits.
enum Hexadecimal {
  /// `count` digits, at most sixteen, at `start`; nil where there are not as many.
  @inline(__always)
  static func read(_ text: UnsafeRawBufferPointer, _ start: Int, _ count: Int) -> UInt64? {
    guard start >= 0, start + count <= text.count else { return nil }
    var number: UInt64 = 0
    for index in start..<start + count {
      let byte = text[index]
      let digit: UInt8
      if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
        digit = byte - UInt8(ascii: "0")
      } else if byte >= UInt8(ascii: "a"), byte <= UInt8(ascii: "f") {
        digit = byte - UInt8(ascii: "a") + 10
      } else {
        return nil
      }
      number = number << 4 | UInt64(digit)
    }
    return number
  }
}
