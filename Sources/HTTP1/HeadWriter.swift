/// A cursor in a caller's buffer. A piece that does not fit is not written, nor is any that follows it, so that no head
/// goes out with a hole in it; the caller looks at `isOverflown` once, at the end.
public struct HeadWriter: BitwiseCopyable {
  @usableFromInline let base: UnsafeMutableRawPointer?
  @usableFromInline let capacity: Int
  @usableFromInline var length = 0
  @usableFromInline var hasOverflown = false

  /// A writer at the beginning of `buffer`, which must outlive it.
  @inlinable
  public init(_ buffer: UnsafeMutableRawBufferPointer) {
    base = buffer.baseAddress
    capacity = buffer.count
  }

  /// Bytes written.
  @inlinable public var count: Int { length }

  /// Whether something did not fit.
  @inlinable public var isOverflown: Bool { hasOverflown }

  /// What was written.
  @inlinable
  public var written: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: length) }

  /// Takes the next `size` bytes of the buffer, or nil where there are not as many.
  @inlinable @inline(__always)
  mutating func reserve(_ size: Int) -> UnsafeMutableRawPointer? {
    guard !hasOverflown, size <= capacity &- length, let base else {
      hasOverflown = true
      return nil
    }
    let place = base + length
    length &+= size
    return place
  }

  /// Writes one byte.
  @inlinable
  public mutating func put(_ byte: UInt8) {
    guard let place = reserve(1) else { return }
    place.storeBytes(of: byte, as: UInt8.self)
  }

  /// Writes a text. Its length is known where this is called, so that the copy is a few moves.
  @inlinable @inline(__always)
  public mutating func put(_ text: StaticString) {
    guard let place = reserve(text.utf8CodeUnitCount) else { return }
    place.copyMemory(from: text.utf8Start, byteCount: text.utf8CodeUnitCount)
  }

  /// Writes bytes as they are: the caller knows that they are no line's end.
  @inlinable
  public mutating func put(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress, let place = reserve(bytes.count) else { return }
    place.copyMemory(from: start, byteCount: bytes.count)
  }

  /// Writes `number` in decimal digits.
  public mutating func put(decimal number: UInt64) {
    if number < 1000 { return put(upToThreeDigits: UInt32(truncatingIfNeeded: number)) }
    var digits = 1
    var bound: UInt64 = 10
    while number >= bound, digits < 20 {
      digits &+= 1
      bound = digits == 20 ? .max : bound &* 10
    }
    guard let place = reserve(digits) else { return }
    var rest = number
    var index = digits
    while index > 0 {
      index &-= 1
      place.storeBytes(
        of: UInt8(truncatingIfNeeded: rest % 10) &+ UInt8(ascii: "0"),
        toByteOffset: index,
        as: UInt8.self
      )
      rest /= 10
    }
  }

  /// A status, or a short body's length.
  private mutating func put(upToThreeDigits number: UInt32) {
    let digits = number >= 100 ? 3 : number >= 10 ? 2 : 1
    guard let place = reserve(digits) else { return }
    let text = (number / 100 | (number / 10 % 10) << 8 | (number % 10) << 16) &+ 0x30_3030
    for index in 0..<digits {
      let shift = UInt32(truncatingIfNeeded: 8 &* (3 &- digits &+ index))
      place.storeBytes(of: UInt8(truncatingIfNeeded: text >> shift), toByteOffset: index, as: UInt8.self)
    }
  }

  /// Writes the lowest `digits` hexadecimal digits of `number`, at most sixteen, in lower case, with zeroes in front.
  public mutating func put(hexadecimal number: UInt64, digits: Int) {
    guard digits > 0, digits <= 16, let place = reserve(digits) else { return }
    // All sixteen at once: a request carries some eighty of them, and a loop over digits took a tenth of its time.
    let all = (Self.digits(number >> 32), Self.digits(number & 0xffff_ffff))
    withUnsafeBytes(of: all) { bytes in
      guard let base = bytes.baseAddress else { return }
      place.copyMemory(from: base + (16 &- digits), byteCount: digits)
    }
  }

  /// Eight digits of a number below 2^32, the first in the byte that lies first in memory.
  private static func digits(_ number: UInt64) -> UInt64 {
    var nibbles = (number | number &<< 16) & 0x0000_ffff_0000_ffff
    nibbles = (nibbles | nibbles &<< 8) & 0x00ff_00ff_00ff_00ff
    nibbles = (nibbles | nibbles &<< 4) & 0x0f0f_0f0f_0f0f_0f0f
    // 6 more than 9 carries into the upper half of a byte: these are letters.
    let letters = (nibbles &+ 0x0606_0606_0606_0606) &>> 4 & 0x0101_0101_0101_0101
    return (nibbles &+ 0x3030_3030_3030_3030 &+ letters &* 0x27).bigEndian
  }

  /// Writes the empty line that ends a head or a trailer section.
  @inlinable
  public mutating func putEnd() { put("\r\n") }
}
