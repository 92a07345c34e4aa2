public import Registry
public import Replication

/// What one change of the agent's makes of its store, in tables that belong together: on disk in one transaction, for a
/// transaction costs a wait for the disk, whatever is in it.
public struct StoreChanges: Sendable {
  /// By the rows they are in: nil removes one.
  private(set) var registrations: [Registration.Key: RegistryRecord?] = [:]
  private(set) var virtualAddresses: [ServiceRow: VirtualAssignment?] = [:]
  /// In their order.
  private(set) var batches: [Batch] = []

  /// A service as a row knows it.
  struct ServiceRow: Hashable, Sendable {
    let namespace: String
    let name: String

    var text: String { "\(namespace)/\(name)" }
  }

  /// No change.
  public init() {}

  /// Whether there is nothing to write.
  public var isEmpty: Bool { registrations.isEmpty && virtualAddresses.isEmpty && batches.isEmpty }

  /// A registration, in place of what was written of the same key.
  public mutating func put(_ record: RegistryRecord) { registrations[record.registration.key] = .some(record) }

  /// What was written of a key is struck.
  public mutating func forget(_ key: Registration.Key) { registrations[key] = .some(nil) }

  /// The virtual addresses of a service, in place of those it had.
  public mutating func put(_ assignment: VirtualAssignment) {
    virtualAddresses[ServiceRow(namespace: assignment.namespace, name: assignment.name)] = .some(assignment)
  }

  /// The virtual addresses of a service are struck.
  public mutating func removeVirtualAddresses(namespace: String, name: String) {
    virtualAddresses[ServiceRow(namespace: namespace, name: name)] = .some(nil)
  }

  /// A batch of records, after those before it.
  public mutating func persist(_ batch: Batch) { batches.append(batch) }
}

extension AgentStore {
  /// Makes changes durable, all or none; nothing to write costs nothing.
  public func commit(_ changes: StoreChanges) throws(AgentStoreError) {
    guard !changes.isEmpty else { return }
    try write("writing what changed") { db in
      for (key, record) in changes.registrations where record == nil {
        try KeyedTable.registration.remove(key.row, db)
      }
      let records = changes.registrations.compactMap { $0.value }
      try KeyedTable.registration.put(
        records.map { KeyedTable.Entry(key: $0.registration.key.row, value: try Self.json($0)) },
        db
      )
      for (service, assignment) in changes.virtualAddresses where assignment == nil {
        try KeyedTable.virtualAddress.remove(service.text, db)
      }
      try KeyedTable.virtualAddress.put(
        changes.virtualAddresses.compactMap { service, assignment in
          try assignment.map { KeyedTable.Entry(key: service.text, value: try Self.json($0)) }
        },
        db
      )
      for batch in changes.batches { try OwnerTable.apply(batch, db) }
    }
  }
}
