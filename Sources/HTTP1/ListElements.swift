/// The elements of a comma-separated value (RFC 9110 section 5.6.1), without the whitespace around them, empty ones
/// included. Commas within quotes separate too: those who read lists here know only elements without quotes.
struct ListElements {
  let base: UnsafeRawPointer
  private var at: Int
  private let end: Int

  init(_ base: UnsafeRawPointer, _ value: ByteRange) {
    self.base = base
    at = Int(value.start)
    end = value.end
  }

  /// The next element, or nil behind the last.
  mutating func next() -> ByteRange? {
    guard at <= end else { return nil }
    var comma = at
    while comma < end, ByteScan.byte(base, comma) != UInt8(ascii: ",") { comma &+= 1 }
    var first = at
    var last = comma
    while first < last, isBlank(first) { first &+= 1 }
    while last > first, isBlank(last &- 1) { last &-= 1 }
    at = comma &+ 1
    return ByteRange(first, to: last)
  }

  private func isBlank(_ index: Int) -> Bool {
    let byte = ByteScan.byte(base, index)
    return byte == 0x20 || byte == 0x09
  }
}
