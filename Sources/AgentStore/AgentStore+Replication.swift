internal import GRDB
public import Replication

extension AgentStore {
  /// Makes a batch durable: when this returns it is on disk, when it throws nothing of it is in force.
  public func persist(_ batch: Batch) throws(AgentStoreError) { try persist([batch]) }

  /// Makes batches durable, in their order and all in one transaction: many cost as much time as one.
  public func persist(_ batches: [Batch]) throws(AgentStoreError) {
    guard !batches.isEmpty else { return }
    try write("writing records") { db in
      for batch in batches { try OwnerTable.apply(batch, db) }
    }
  }

  /// All owners with their records, for a replica to start from.
  public func owners() throws(AgentStoreError) -> [StoredOwner] {
    defer { queue.releaseMemory() }
    return try read("reading records") { db in try OwnerTable.all(db) }
  }
}
