internal import Glibc

/// A growing run of bytes that keeps its memory when emptied, so a warm builder writes without allocating.
struct ByteBuilder: ~Copyable {
  /// Room for an ordinary connection record, so that most builders grow never or once.
  static let initialCapacity = 2048

  private var base: UnsafeMutableRawPointer
  private(set) var count = 0
  private(set) var capacity: Int

  init(capacity: Int = ByteBuilder.initialCapacity) {
    self.capacity = capacity
    base = .allocate(byteCount: capacity, alignment: 16)
  }

  deinit { base.deallocate() }

  /// What was written; valid until the next change.
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

  mutating func removeAll() { count = 0 }

  /// Forgets every byte from `length` on.
  mutating func truncate(to length: Int) { count = min(count, length) }

  mutating func append(_ byte: UInt8) {
    reserve(1)
    base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
    count += 1
  }

  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    reserve(bytes.count)
    (base + count).copyMemory(from: start, byteCount: bytes.count)
    count += bytes.count
  }

  mutating func append(_ text: StaticString) {
    append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// `number` in decimal digits.
  mutating func append(decimal number: UInt64) {
    withDecimalDigits(number) { append($0) }
  }

  /// Zeroes to be written over later.
  mutating func appendGap(_ size: Int) {
    reserve(size)
    memset(base + count, 0, size)
    count += size
  }

  /// Writes `word` over eight bytes at `offset`, least significant first.
  mutating func overwrite(at offset: Int, littleEndian word: UInt64) {
    base.storeBytes(of: word.littleEndian, toByteOffset: offset, as: UInt64.self)
  }

  mutating func overwrite(at offset: Int, _ byte: UInt8) {
    base.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
  }

  /// Closes a gap: drops `size` bytes at `offset` and moves the rest down.
  mutating func remove(_ size: Int, at offset: Int) {
    memmove(base + offset, base + offset + size, count - offset - size)
    count -= size
  }

  private mutating func reserve(_ extra: Int) {
    guard count + extra > capacity else { return }
    let wanted = max(capacity * 2, count + extra)
    let larger = UnsafeMutableRawPointer.allocate(byteCount: wanted, alignment: 16)
    larger.copyMemory(from: base, byteCount: count)
    base.deallocate()
    base = larger
    capacity = wanted
  }
}

/// Lends the decimal digits of `number`, without making a `String` of them.
func withDecimalDigits(_ number: UInt64, _ body: (UnsafeRawBufferPointer) -> Void) {
  let maximumDigits = 20  // of 2^64
  withUnsafeTemporaryAllocation(byteCount: maximumDigits, alignment: 1) { digits in
    var rest = number
    var first = maximumDigits
    repeat {
      first -= 1
      digits[first] = UInt8(truncatingIfNeeded: rest % 10) + UInt8(ascii: "0")
      rest /= 10
    } while rest > 0
    body(UnsafeRawBufferPointer(rebasing: digits[first...]))
  }
}
