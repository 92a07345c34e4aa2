@testable import Replication

/// All acknowledged writes, and which of them had seen which.
struct Ledger {
  /// One write of one document.
  struct Entry: Hashable {
    var key: RecordKey
    var mark: Mark
  }

  /// Acknowledged writes of documents, with their contents.
  private var documents: [Entry: [UInt8]?] = [:]
  /// What writers had seen, for writes too that were durable but whose host crashed before it said so.
  private var seen: [Entry: [Mark]] = [:]
  /// The last endpoint record of each owner and key that was durable at its owner.
  private(set) var bound: [OwnerID: [RecordKey: [UInt8]?]] = [:]

  mutating func note(_ batch: Batch, by host: OwnerID) {
    guard batch.owner == host else { return }
    for record in batch.puts {
      switch record.lifetime {
      case .bound: bound[host, default: [:]][record.key] = .some(record.content)
      case .lasting:
        seen[Entry(key: record.key, mark: Mark(owner: host, stamp: record.stamp))] = record.replaces
      }
    }
  }

  mutating func add(_ writes: [Write], by owner: OwnerID, of replica: Replica?) {
    for write in writes where write.lifetime == .lasting {
      guard let record = replica?.ownRecord(write.key), record.content == write.content else { continue }
      documents[Entry(key: write.key, mark: Mark(owner: owner, stamp: record.stamp))] = .some(write.content)
    }
  }

  /// Acknowledged writes that are neither in force nor shown as a conflict, and that no later writer had seen.
  func lost(in catalogue: Catalogue) -> [Entry] {
    var kept: Set<Entry> = []
    var rest: [Entry] = []
    for entry in documents.keys {
      if let document = catalogue.document(entry.key) {
        for one in [document.winner] + document.conflicts {
          rest += ([one.mark] + one.record.replaces).map { Entry(key: entry.key, mark: $0) }
        }
      } else if documents[entry] == .some(nil) {
        rest.append(entry)  // a deletion that is forgotten by now
      }
    }
    while let entry = rest.popLast() {
      guard kept.insert(entry).inserted else { continue }
      rest += (seen[entry] ?? []).map { Entry(key: entry.key, mark: $0) }
    }
    return documents.keys.filter { entry in
      // The same content counts as kept: two hosts wrote the same.
      !kept.contains(entry) && catalogue.document(entry.key)?.winner.record.content != documents[entry] ?? nil
    }
  }
}
