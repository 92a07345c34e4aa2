import AgentStore
import Testing
import WeftTestKit

@testable import Replication

/// Signatures and hashes that cost next to nothing; whether a set fits its head they show as well as others.
struct CheapKeyring: Keyring {
  func admits(_ owner: OwnerID, credential: [UInt8]) -> Bool { true }

  func verify(_ signature: [UInt8], of message: [UInt8], by owner: OwnerID, credential: [UInt8]) -> Bool { true }

  func sign(_ message: [UInt8]) -> [UInt8]? { [UInt8](repeating: 7, count: 64) }

  func hash(_ bytes: [UInt8]) -> SetDigest {
    bytes.withUnsafeBytes { raw in
      var state: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
      var at = 0
      while at < raw.count {
        let end = min(at + 8, raw.count)
        var word: UInt64 = 1
        if end - at == 8 {
          word = raw.loadUnaligned(fromByteOffset: at, as: UInt64.self)
        } else {
          for index in at..<end { word = word << 8 | UInt64(raw[index]) }
        }
        state = (state ^ UInt128(word)) &* 0x1_0000_0000_0000_0000_0000_013b
        state ^= state >> 61
        at = end
      }
      return SetDigest(value: state)
    }
  }
}

extension OwnerID {
  static func host(_ number: Int) -> OwnerID {
    var random = SplitMix64(seed: UInt64(number))
    let words = (random.next(), random.next(), random.next(), random.next())
    return OwnerID(name: "host-\(number)", key: KeyFingerprint(words: words))
  }
}

/// A host whose writes give the batches that an agent persists.
struct Host {
  private(set) var replica: Replica
  /// What of `stored` was this host's and fitted its head.
  let isRestored: Bool

  init(_ number: Int, stored: [StoredOwner] = []) {
    let owner = OwnerID.host(number)
    replica = Replica(
      owner: owner,
      credential: [UInt8](repeating: UInt8(number & 255), count: 600),
      keyring: CheapKeyring(),
      seed: 1,
      restoring: stored,
      now: Moment(monotonic_ms: 1_000, wall_ms: 1_900_000_000_000)
    )
    isRestored = replica.store[owner] != nil
  }

  /// The batches of some writes.
  mutating func write(_ writes: Write...) throws -> [Batch] { try write(writes) }

  mutating func write(_ writes: [Write]) throws -> [Batch] {
    let directives = try replica.write(writes, now: Moment(monotonic_ms: 2_000, wall_ms: 1_900_000_001_000))
    return directives.compactMap { if case .persist(let batch) = $0 { batch } else { nil } }
  }
}

extension Write {
  static func endpoint(_ name: String, _ text: String?) -> Write {
    Write(RecordKey(kind: .endpoints, namespace: "shop", name: name), .bound, text.map { Array($0.utf8) })
  }

  static func document(_ name: String, _ content: [UInt8]?) -> Write {
    Write(RecordKey(kind: .policy, namespace: "shop", name: name), .lasting, content)
  }
}

/// What should be on disk: the meaning of a batch, told once more by dictionaries.
struct Mirror: Equatable {
  private struct Owner: Equatable {
    var head: Head
    var credential: [UInt8]
    var records: [RecordKey: Record] = [:]
  }

  private var owners: [OwnerID: Owner] = [:]

  init() {}

  init(_ stored: [StoredOwner]) {
    for one in stored {
      var owner = Owner(head: one.head, credential: one.credential)
      for record in one.records {
        if owner.records.updateValue(record, forKey: record.key) != nil { Issue.record("\(record.key) is there twice") }
      }
      if owners.updateValue(owner, forKey: one.head.owner) != nil { Issue.record("\(one.head.owner) is there twice") }
    }
  }

  mutating func apply(_ batches: [Batch]) {
    for batch in batches {
      guard let state = batch.state else {
        owners[batch.owner] = nil
        continue
      }
      var owner = owners[batch.owner] ?? Owner(head: state.head, credential: state.credential)
      (owner.head, owner.credential) = (state.head, state.credential)
      for key in batch.removes { owner.records[key] = nil }
      for record in batch.puts { owner.records[record.key] = record }
      owners[batch.owner] = owner
    }
  }
}
