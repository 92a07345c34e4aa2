import Testing

@testable import Replication

@Suite("An owner's records, changed in place")
struct RecordTableTests {
  private let owner = OwnerID.host(0)
  private let keyring = SimulatedKeyring(owner: .host(0))

  private func entry(_ name: Int, _ sequence: UInt64, _ random: inout Randomness) -> OwnerSet.Entry {
    let record = Record(
      key: name % 3 == 0 ? .policy(name) : .service(name),
      version: Version(epoch: 1, sequence: sequence),
      stamp: Stamp(wall_ms: sequence),
      lifetime: name % 3 == 0 ? .lasting : .bound,
      replaces: [],
      content: random.next() % 3 == 0 ? nil : [UInt8](repeating: 7, count: Int(random.next() % 40)),
      signature: [1]
    )
    return OwnerSet.Entry(record: record, hash: keyring.hash(record.signedBytes(of: owner)))
  }

  /// What is said of entries is what comes of looking at each.
  private func expect(_ table: RecordTable, holds model: [OwnerSet.Entry], _ comment: Comment) {
    #expect(table.entries.map(\.record) == model.map(\.record), comment)
    #expect(table.count == model.count, comment)
    #expect(table.byteCount == model.reduce(0) { $0 + $1.record.encodedCount }, comment)
    #expect(table.digest == model.reduce(into: SetDigest.empty) { $0 += $1.hash }, comment)
    #expect(table.isLasting == model.contains { $0.record.lifetime == .lasting }, comment)
    #expect(table.tombstones == model.filter(\.record.isTombstone).map(\.record.version), comment)
  }

  @Test("are what a list of them is that is made anew, at each of 3,000 seeded steps", arguments: [5, 60, 400])
  func steps(names: Int) {
    var random = Randomness(seed: UInt64(names))
    var set = OwnerSet(head: head(0), credential: [], records: RecordTable([]), keyring: keyring)
    var model: [OwnerSet.Entry] = []
    var sequence: UInt64 = 0
    for step in 0..<3_000 {
      let comment: Comment = "of \(names) names, step \(step)"
      let later = (0..<(1 + random.next() % 3)).map { _ in
        sequence += 1
        return entry(Int(random.next() % UInt64(names)), sequence, &random)
      }
      // Mostly far behind, at times so near that what is just written is dropped with it.
      let behind = random.next() % 8 == 0 ? 0 : UInt64(names)
      let floor = Version(epoch: 1, sequence: sequence > behind ? sequence - behind : 0)
      let before = model
      let contents: OwnerContents
      if random.next() % 50 == 0 {
        // As when the whole set is fetched: what is not in it is gone.
        model.removeAll { _ in random.next() % 2 == 0 }
        contents = OwnerContents(of: owner, base: set.records, replacedBy: model)
      } else {
        let keys = Set(later.map(\.record.key))
        model.removeAll { keys.contains($0.record.key) }
        model += later.enumerated().filter { index, one in
          !later[(index + 1)...].contains { $0.record.key == one.record.key }
        }.map(\.element)
        model.removeAll { $0.record.isTombstone && $0.record.version <= floor }
        contents = OwnerContents(of: owner, base: set.records, adding: later, floor: floor)
      }
      set.take(contents, head: head(sequence), credential: [], keyring: keyring)
      #expect((contents.count, contents.byteCount) == (set.records.count, set.records.byteCount), comment)
      #expect(contents.digest == set.records.digest, comment)
      expect(set.records, holds: model, comment)
      expect(contents.changes, lead: before, to: model, comment)

      let key = RecordKey.service(Int(random.next() % UInt64(names)))
      #expect(set[key]?.record == model.first { $0.record.key == key }?.record, comment)
      let version = Version(epoch: 1, sequence: random.next() % (sequence + 2))
      #expect(set.records[version]?.record == model.first { $0.record.version == version }?.record, comment)
      #expect(set.entries(after: version).map(\.record) == model.map(\.record).filter { $0.version > version }, comment)
    }
  }

  /// Who applies changes to the records of before has those of after, and hears of nothing that is as it was.
  private func expect(
    _ changes: [Change],
    lead before: [OwnerSet.Entry],
    to after: [OwnerSet.Entry],
    _ comment: Comment
  ) {
    var records = Dictionary(uniqueKeysWithValues: before.map { ($0.record.key, $0.record) })
    for change in changes {
      switch change {
      case .put(_, let record):
        #expect(records[record.key] != record, comment)
        records[record.key] = record
      case .dropped(_, let key): #expect(records.removeValue(forKey: key) != nil, comment)
      case .alive, .dead: Issue.record(comment)
      }
    }
    #expect(records == Dictionary(uniqueKeysWithValues: after.map { ($0.record.key, $0.record) }), comment)
  }

  private func head(_ sequence: UInt64) -> Head {
    Head(
      owner: owner,
      last: Version(epoch: 1, sequence: sequence),
      past: Past(),
      floor: .zero,
      count: 0,
      digest: .empty,
      signature: []
    )
  }
}
