/// One owner's records as the owner signed them: never part of a set, so whatever a replica holds is what some moment of
/// the owner's was.
struct OwnerSet: Sendable {
  /// A record and its hash, which is computed once, when its signature is verified.
  struct Entry: Sendable {
    let record: Record
    let hash: SetDigest
  }

  private struct Body {
    var head: Head
    var credential: [UInt8]
    var records: RecordTable
    var word: UInt64
  }

  /// Always one: an array makes the set one pointer in the list of all owners, and is copied when it is changed only where
  /// somebody else has it too.
  private var body: [Body]

  init(head: Head, credential: [UInt8], records: RecordTable, keyring: any Keyring) {
    body = [Body(head: head, credential: credential, records: records, word: Self.word(head, keyring))]
  }

  var head: Head { body[0].head }
  var credential: [UInt8] { body[0].credential }
  var records: RecordTable { body[0].records }
  /// What the set adds to the sum of its bucket.
  var word: UInt64 { body[0].word }

  private static func word(_ head: Head, _ keyring: any Keyring) -> UInt64 {
    UInt64(truncatingIfNeeded: keyring.hash(head.signedBytes).value)
  }

  var position: Position { head.position }

  /// There is a document, so the set counts even when its owner is dead.
  var isLasting: Bool { records.isLasting }

  /// Ascending by version.
  var entries: some Sequence<Entry> { records.entries }

  /// Entries later than `version`.
  func entries(after version: Version) -> some Sequence<Entry> { records.entries(after: version) }

  subscript(key: RecordKey) -> Entry? { records[key] }

  /// The records of these keys.
  func records(of keys: Set<RecordKey>) -> [RecordKey: Record] {
    keys.reduce(into: [:]) { $0[$1] = records[$1]?.record }
  }

  /// Becomes the set of a later head.
  mutating func take(_ contents: OwnerContents, head: Head, credential: [UInt8], keyring: any Keyring) {
    switch contents.step {
    case .all(let table): body[0].records = table
    case .later(let entries, let gone):
      for key in gone { body[0].records.remove(key) }
      for entry in entries { body[0].records.append(entry) }
    }
    body[0].head = head
    body[0].credential = credential
    body[0].word = Self.word(head, keyring)
  }
}

/// What a set is to be, before its head is known to fit: the step to it from the set that is there, its base.
struct OwnerContents {
  enum Step {
    /// These entries, all later than the base's, and without the base's records of these keys.
    case later([OwnerSet.Entry], without: [RecordKey])
    /// These records alone.
    case all(RecordTable)
  }

  let step: Step
  /// How the records differ from those of the base.
  private(set) var changes: [Change] = []
  /// What a head says of them, and what they are bounded by.
  let count: Int
  let byteCount: Int
  let digest: SetDigest

  /// The base's records with later ones put over them, without tombstones up to `floor`. Of the base only the records that
  /// go are looked at.
  init(of owner: OwnerID, base: RecordTable?, adding later: [OwnerSet.Entry], floor: Version) {
    let later = Self.latest(later)
    var (count, byteCount, digest) = (base?.count ?? 0, base?.byteCount ?? 0, base?.digest ?? .empty)
    var gone: [RecordKey] = []
    func leave(_ entry: OwnerSet.Entry) {
      gone.append(entry.record.key)
      count -= 1
      byteCount -= entry.record.encodedCount
      digest -= entry.hash
    }
    let replaced = Set(later.lazy.map(\.record.key).filter { base?[$0] != nil })
    for entry in later { if let old = base?[entry.record.key] { leave(old) } }
    for version in (base?.tombstones ?? []).prefix(while: { $0 <= floor }) {
      guard let entry = base?[version], !replaced.contains(entry.record.key) else { continue }
      leave(entry)
      changes.append(.dropped(owner, entry.record.key))
    }
    var added: [OwnerSet.Entry] = []
    for entry in later {
      if !entry.record.isTombstone || entry.record.version > floor {
        added.append(entry)
        count += 1
        byteCount += entry.record.encodedCount
        digest += entry.hash
        changes.append(.put(owner, entry.record))
      } else if replaced.contains(entry.record.key) {
        changes.append(.dropped(owner, entry.record.key))
      }
    }
    (self.count, self.byteCount, self.digest) = (count, byteCount, digest)
    step = .later(added, without: gone)
  }

  /// `all` in place of the base's entries.
  init(of owner: OwnerID, base: RecordTable?, replacedBy all: [OwnerSet.Entry]) {
    let table = RecordTable(Self.latest(all))
    for entry in table.entries where base?[entry.record.key]?.record != entry.record {
      changes.append(.put(owner, entry.record))
    }
    if let base {
      for entry in base.entries where table[entry.record.key] == nil {
        changes.append(.dropped(owner, entry.record.key))
      }
    }
    (count, byteCount, digest) = (table.count, table.byteCount, table.digest)
    step = .all(table)
  }

  /// The records, where there is no base.
  var table: RecordTable {
    switch step {
    case .all(let table): table
    case .later(let entries, _): RecordTable(entries)
    }
  }

  /// Ascending entries without those that a later one of the same key follows.
  private static func latest(_ entries: [OwnerSet.Entry]) -> [OwnerSet.Entry] {
    var seen: Set<RecordKey> = []
    let latest = entries.reversed().filter { seen.insert($0.record.key).inserted }
    return latest.reversed()
  }
}
