/// What a worker has asked the agent about: what waits for an answer, and what has one. What the answer was, the rules
/// say; that there was one is all that is remembered here, so that nothing is asked, or held, twice.
///
/// A hash table of fixed size, in sets of a few places each. Where a set is full, the one goes that was not used since the
/// clock's hand came by last; what something still waits for never goes.
struct LookupTable: ~Copyable {
  /// What is known of a question.
  enum Standing: Equatable {
    /// Nobody asked, or it was forgotten since.
    case unasked
    /// Whoever needs it may wait until then.
    case waiting(until_ns: UInt64)
    /// It was answered, or nobody waits for the answer any more.
    case settled
  }

  private struct Entry: BitwiseCopyable {
    var lookup = LookupFingerprint(high: 0, low: 0)
    /// 0: answered.
    var until_ns: UInt64 = 0
    var isTaken = false
    /// Since the hand came by.
    var isUsed = false
  }

  private static let sets = LookupLimit.remembered / LookupLimit.ways

  /// None before the first question: a proxy without an agent pays nothing.
  private var entries: UnsafeMutablePointer<Entry>?
  /// By set: the place that is looked at first when one must go.
  private var hands: [UInt8] = []
  /// Keys that are remembered.
  private(set) var count = 0

  init() {}

  deinit { entries?.deallocate() }

  /// How a key stands, which counts as a use of it.
  func standing(of lookup: LookupFingerprint, now_ns: UInt64) -> Standing {
    guard let entry = find(lookup) else { return .unasked }
    entry.pointee.isUsed = true
    return entry.pointee.until_ns > now_ns ? .waiting(until_ns: entry.pointee.until_ns) : .settled
  }

  /// A question is asked, and may be waited for until then. False where there is no place for it.
  mutating func ask(_ lookup: LookupFingerprint, until_ns: UInt64, now_ns: UInt64) -> Bool {
    note(lookup, until_ns, now_ns)
  }

  /// The answer is here, whether it was asked for by this worker or by another.
  mutating func settle(_ lookup: LookupFingerprint, now_ns: UInt64) {
    _ = note(lookup, 0, now_ns)
  }

  /// The answer holds no longer: whoever needs it asks again.
  mutating func forget(_ lookup: LookupFingerprint) {
    guard let entry = find(lookup) else { return }
    entry.pointee.isTaken = false
    count -= 1
  }

  /// The agent is gone: what was not answered is asked again when there is one.
  mutating func forgetUnanswered() {
    guard let entries else { return }
    for index in 0..<LookupLimit.remembered where entries[index].isTaken && entries[index].until_ns != 0 {
      entries[index].isTaken = false
      count -= 1
    }
  }

  private mutating func note(_ lookup: LookupFingerprint, _ until_ns: UInt64, _ now_ns: UInt64) -> Bool {
    if let known = find(lookup) {
      known.pointee.until_ns = until_ns
      return true
    }
    guard let place = place(for: lookup, now_ns) else { return false }
    if !place.pointee.isTaken { count += 1 }
    // Not used yet: of addresses that are met once, one drives out another, and not what is met again and again.
    place.pointee = Entry(lookup: lookup, until_ns: until_ns, isTaken: true, isUsed: false)
    return true
  }

  /// An empty place in the key's set, or that of the one that goes; nil where all of them are waited for.
  private mutating func place(for lookup: LookupFingerprint, _ now_ns: UInt64) -> UnsafeMutablePointer<Entry>? {
    if entries == nil {
      let fresh = UnsafeMutablePointer<Entry>.allocate(capacity: LookupLimit.remembered)
      fresh.initialize(repeating: Entry(), count: LookupLimit.remembered)
      entries = fresh
      hands = Array(repeating: 0, count: Self.sets)
    }
    guard let start = set(of: lookup) else { return nil }
    for way in 0..<LookupLimit.ways where !start[way].isTaken { return start + way }
    let number = Int(truncatingIfNeeded: lookup.low % UInt64(Self.sets))
    // Twice round: the first round may do no more than take note that all were used.
    for _ in 0..<(2 * LookupLimit.ways) {
      let way = Int(hands[number])
      hands[number] = UInt8((way + 1) % LookupLimit.ways)
      guard start[way].until_ns <= now_ns else { continue }
      guard start[way].isUsed else { return start + way }
      start[way].isUsed = false
    }
    return nil
  }

  private func find(_ lookup: LookupFingerprint) -> UnsafeMutablePointer<Entry>? {
    guard let start = set(of: lookup) else { return nil }
    for way in 0..<LookupLimit.ways where start[way].isTaken && start[way].lookup == lookup { return start + way }
    return nil
  }

  private func set(of lookup: LookupFingerprint) -> UnsafeMutablePointer<Entry>? {
    entries.map { $0 + Int(truncatingIfNeeded: lookup.low % UInt64(Self.sets)) * LookupLimit.ways }
  }
}
