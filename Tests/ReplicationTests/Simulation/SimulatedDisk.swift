@testable import Replication

/// What a host has on disk: what its replica told it to persist.
struct SimulatedDisk {
  private struct Owner {
    var state: Batch.State
    var records: [RecordKey: Record] = [:]
  }

  private var owners: [OwnerID: Owner] = [:]

  mutating func apply(_ batch: Batch) {
    guard let state = batch.state else {
      owners[batch.owner] = nil
      return
    }
    owners[batch.owner, default: Owner(state: state)].state = state
    for key in batch.removes { owners[batch.owner]?.records[key] = nil }
    for record in batch.puts { owners[batch.owner]?.records[record.key] = record }
  }

  var stored: [StoredOwner] {
    owners.sorted { $0.key < $1.key }.map {
      StoredOwner(head: $1.state.head, credential: $1.state.credential, records: Array($1.records.values))
    }
  }
}
