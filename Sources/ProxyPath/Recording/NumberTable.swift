/// Numbers that a worker has asked for lately, so that counting hashes no text: a direct-mapped table, in which a newer key takes the
/// place of an older one.
struct NumberTable: ~Copyable {
  /// A key, and the number that was found for it.
  struct Entry {
    var key = UInt64.max
    var number: Int32 = 0
  }

  private let entries: UnsafeMutablePointer<Entry>
  private let bits: UInt64

  /// A table of 2 to the power of `bits` places, all of them empty.
  init(bits: UInt64) {
    self.bits = bits
    entries = .allocate(capacity: 1 << bits)
    forget()
  }

  deinit { entries.deallocate() }

  /// What keys mean has changed.
  func forget() { entries.initialize(repeating: Entry(), count: 1 << bits) }

  /// Where the key is, or may be put. No key is `UInt64.max`.
  @inline(__always)
  func place(of key: UInt64) -> UnsafeMutablePointer<Entry> {
    entries + Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) >> (64 &- bits))
  }
}
