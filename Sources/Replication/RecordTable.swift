/// One owner's records, found by key and by version, with what heads say of them: how many, how large, and the sum of their
/// hashes.
///
/// It is changed in place, so a change among ten thousand records costs what it touches. A record that goes leaves a gap;
/// when half are gaps, the records close up.
struct RecordTable: Sendable {
  private struct Slot {
    let version: Version
    /// Nil for a gap.
    var entry: OwnerSet.Entry?
  }

  /// Ascending by version.
  private var slots: [Slot] = []
  /// Where the record of a key is; empty while there are few, which are looked through.
  private var places: [RecordKey: Int] = [:]
  /// The versions of tombstones, ascending.
  private(set) var tombstones: [Version] = []
  /// Records, tombstones too.
  private(set) var count = 0
  /// Bytes of them in messages.
  private(set) var byteCount = 0
  /// The sum of their hashes.
  private(set) var digest = SetDigest.empty
  /// Those that count beyond their owner.
  private var lastingCount = 0

  /// Up to so many are looked through from end to end, which costs less than the memory of an index: a mesh has a thousand
  /// hosts of a few services each.
  private static let fewRecords = 32

  /// There is a document.
  var isLasting: Bool { lastingCount > 0 }

  /// A table of ascending entries, one for each key.
  init(_ entries: some Sequence<OwnerSet.Entry>) {
    for entry in entries { append(entry) }
  }

  /// Ascending by version.
  var entries: some Sequence<OwnerSet.Entry> { slots.lazy.compactMap(\.entry) }

  /// Those later than `version`, ascending.
  func entries(after version: Version) -> some Sequence<OwnerSet.Entry> {
    slots[place(after: version)...].lazy.compactMap(\.entry)
  }

  subscript(key: RecordKey) -> OwnerSet.Entry? { place(of: key).flatMap { slots[$0].entry } }

  /// The record of that version.
  subscript(version: Version) -> OwnerSet.Entry? {
    let place = place(after: version) - 1
    return place >= 0 && slots[place].version == version ? slots[place].entry : nil
  }

  /// Adds an entry that is later than all, and of whose key there is none.
  mutating func append(_ entry: OwnerSet.Entry) {
    let record = entry.record
    if places.isEmpty, count >= Self.fewRecords { indexPlaces() }
    if !places.isEmpty { places[record.key] = slots.count }
    slots.append(Slot(version: record.version, entry: entry))
    if record.isTombstone { tombstones.append(record.version) }
    count += 1
    byteCount += record.encodedCount
    digest += entry.hash
    if record.lifetime == .lasting { lastingCount += 1 }
  }

  /// Takes the record of a key out, if there is one.
  mutating func remove(_ key: RecordKey) {
    guard let place = place(of: key), let entry = slots[place].entry else { return }
    slots[place].entry = nil
    places[key] = nil
    if entry.record.isTombstone, let index = tombstones.firstIndex(of: entry.record.version) {
      tombstones.remove(at: index)
    }
    count -= 1
    byteCount -= entry.record.encodedCount
    digest -= entry.hash
    if entry.record.lifetime == .lasting { lastingCount -= 1 }
    if slots.count > 2 * count + Self.fewRecords { closeUp() }
  }

  private mutating func closeUp() {
    slots.removeAll { $0.entry == nil }
    places.removeAll(keepingCapacity: true)
    if count > Self.fewRecords { indexPlaces() }
  }

  private mutating func indexPlaces() {
    for (place, slot) in slots.enumerated() {
      if let key = slot.entry?.record.key { places[key] = place }
    }
  }

  private func place(of key: RecordKey) -> Int? {
    places.isEmpty ? slots.lastIndex { $0.entry?.record.key == key } : places[key]
  }

  /// The first place later than `version`.
  private func place(after version: Version) -> Int {
    var range = slots.indices
    while !range.isEmpty {
      let middle = range.lowerBound + range.count / 2
      range = slots[middle].version > version ? range.lowerBound..<middle : (middle + 1)..<range.upperBound
    }
    return range.lowerBound
  }
}
