/// A hash table that holds only numbers: what they stand for lies elsewhere, and whoever asks compares.
///
/// Open addressing with linear probing, at most three quarters full. It is built once and never changes.
struct SlotTable<Slot: FixedWidthInteger & UnsignedInteger & Sendable>: Sendable {
  /// What each slot holds, plus one; 0 in an empty slot.
  private var slots: [Slot]
  private let shift: UInt64

  /// Room for `count` numbers.
  init(capacity count: Int) {
    var bits: UInt64 = 2
    while (1 << bits) * 3 < count * 4 { bits += 1 }
    slots = Array(repeating: 0, count: 1 << Int(bits))
    shift = 64 - bits
  }

  /// Adds `value`, unless `isSame` says that one with this key is there already: the first stays. Returns whether it was
  /// added.
  @discardableResult
  mutating func insert(_ hash: UInt64, _ value: Slot, isSame: (Slot) -> Bool) -> Bool {
    var slot = Int(hash >> shift)
    while slots[slot] != 0 {
      if isSame(slots[slot] - 1) { return false }
      slot = (slot + 1) & (slots.count - 1)
    }
    slots[slot] = value + 1
    return true
  }

  /// The number under `hash` that `isWanted` recognises.
  @inline(__always)
  func first(_ hash: UInt64, where isWanted: (Slot) -> Bool) -> Slot? {
    var slot = Int(hash >> shift)
    while true {
      let held = slots[slot]
      // There always is an empty slot, so this ends.
      if held == 0 { return nil }
      if isWanted(held &- 1) { return held &- 1 }
      slot = (slot &+ 1) & (slots.count &- 1)
    }
  }
}

/// A hash of short keys. Its seed is random, so that who names services cannot make them collide.
struct KeyHash: Sendable {
  let seed: UInt64

  /// Mixes a word into a state: the two halves of a product hold every bit of both.
  @inline(__always)
  static func mix(_ state: UInt64, _ word: UInt64) -> UInt64 {
    let product = (state ^ word).multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
    return product.high ^ product.low
  }

  /// The hash of a text whose case does not matter, continuing from `state`.
  @inline(__always)
  static func hash(_ state: UInt64, _ text: UnsafeRawBufferPointer) -> UInt64 {
    guard let start = text.baseAddress else { return mix(state, 0) }
    var state = state ^ UInt64(text.count)
    var offset = 0
    repeat {
      state = mix(state, CaseFolding.fold(CaseFolding.word(start + offset, text.count &- offset)))
      offset &+= 8
    } while offset < text.count
    return state
  }

  /// The hash of an address, and of a port where it matters.
  @inline(__always)
  func hash(high: UInt64, low: UInt64, port: UInt16 = 0) -> UInt64 {
    Self.mix(Self.mix(Self.mix(seed, high), low), UInt64(port) | 1 << 16)
  }
}
