/// One owner's records as the owner signed them: never part of a set, so whatever a replica holds is what some moment of
/// the owner's was. Immutable, and shared by all who hold it.
final class OwnerSet: Sendable {
  /// A record and its hash, which is computed once, when its signature is verified.
  struct Entry: Sendable {
    let record: Record
    let hash: SetDigest
  }

  let head: Head
  let credential: [UInt8]
  /// Ascending by version; one for each key.
  let entries: [Entry]
  /// There is a document, so the set counts even when its owner is dead.
  let isLasting: Bool
  /// What the set adds to the sum of its bucket.
  let word: UInt64

  init(head: Head, credential: [UInt8], entries: [Entry], keyring: any Keyring) {
    self.head = head
    self.credential = credential
    self.entries = entries
    isLasting = entries.contains { $0.record.lifetime == .lasting }
    word = UInt64(truncatingIfNeeded: keyring.hash(head.signedBytes).value)
  }

  var position: Position { head.position }

  /// Entries later than `version`.
  func entries(after version: Version) -> ArraySlice<Entry> {
    // The last few are what is nearly always asked for.
    let start = entries.lastIndex { $0.record.version <= version }.map { $0 + 1 } ?? 0
    return entries[start...]
  }

  subscript(key: RecordKey) -> Entry? { entries.first { $0.record.key == key } }

  /// The records of these keys.
  func records(of keys: Set<RecordKey>) -> [RecordKey: Record] {
    var found: [RecordKey: Record] = [:]
    for entry in entries where keys.contains(entry.record.key) { found[entry.record.key] = entry.record }
    return found
  }
}

/// A set to be, before its head is known to fit.
struct OwnerContents {
  /// Ascending by version; one for each key.
  private(set) var entries: [OwnerSet.Entry]
  /// How these entries differ from those of the base.
  private(set) var changes: [Change]

  /// The base's entries with later ones put over them, without tombstones up to `floor`.
  init(of owner: OwnerID, base: [OwnerSet.Entry], adding later: [OwnerSet.Entry], floor: Version) {
    let later = Self.latest(later)
    let keys = Set(later.lazy.map(\.record.key))
    entries = []
    entries.reserveCapacity(base.count + later.count)
    changes = []
    // A change is of a few records of thousands, so only those are gathered.
    var earlier: Set<RecordKey> = []
    for entry in base {
      if !keys.isEmpty, keys.contains(entry.record.key) {
        earlier.insert(entry.record.key)
      } else if Self.isCollected(entry, floor) {
        changes.append(.dropped(owner, entry.record.key))
      } else {
        entries.append(entry)
      }
    }
    for entry in later {
      if !Self.isCollected(entry, floor) {
        entries.append(entry)
        changes.append(.put(owner, entry.record))
      } else if earlier.contains(entry.record.key) {
        changes.append(.dropped(owner, entry.record.key))
      }
    }
  }

  /// `all` in place of the base's entries.
  init(of owner: OwnerID, base: [OwnerSet.Entry], replacedBy all: [OwnerSet.Entry]) {
    entries = Self.latest(all)
    let versions = Set(base.lazy.map(\.record))
    changes = entries.lazy.map(\.record).filter { !versions.contains($0) }.map { .put(owner, $0) }
    let keys = Set(entries.lazy.map(\.record.key))
    for entry in base where !keys.contains(entry.record.key) { changes.append(.dropped(owner, entry.record.key)) }
  }

  /// Ascending entries without those that a later one of the same key follows.
  private static func latest(_ entries: [OwnerSet.Entry]) -> [OwnerSet.Entry] {
    var seen: Set<RecordKey> = []
    let latest = entries.reversed().filter { seen.insert($0.record.key).inserted }
    return latest.reversed()
  }

  private static func isCollected(_ entry: OwnerSet.Entry, _ floor: Version) -> Bool {
    entry.record.isTombstone && entry.record.version <= floor
  }

  var digest: SetDigest {
    var sum = SetDigest.empty
    for entry in entries { sum += entry.hash }
    return sum
  }

  var byteCount: Int { entries.reduce(0) { $0 + $1.record.encodedCount } }
}
