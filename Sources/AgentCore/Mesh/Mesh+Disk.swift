internal import AgentStore
internal import Logging
internal import Registry
internal import Replication

/// What a call changes is on disk in one transaction, or two where it gave out addresses: each waits for the disk.
extension Mesh {
  /// Makes a batch of records durable, and what waits to be written with it.
  func persist(_ batch: Batch) throws {
    unwritten.persist(batch)
    try writeRest()
  }

  /// Writes what waits, where no record did.
  func writeRest() throws {
    let changes = unwritten
    unwritten = StoreChanges()
    try store.commit(changes)
  }

  /// A virtual address that is not on disk is one that may be another after a restart: worth a warning, not a refusal.
  func remember(_ changes: StoreChanges) {
    do {
      try store.commit(changes)
    } catch {
      log.warning("virtual addresses were not written down and may change with a restart", error: error)
    }
  }
}
