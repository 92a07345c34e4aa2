public import Registry

extension AgentStore {
  /// Writes virtual addresses down, in one transaction and in place of what their services had.
  public func put(_ assignments: [VirtualAssignment]) throws(AgentStoreError) {
    guard !assignments.isEmpty else { return }
    try write("writing virtual addresses") { db in
      let entries = try assignments.map {
        KeyedTable.Entry(key: "\($0.namespace)/\($0.name)", value: try Self.json($0))
      }
      try KeyedTable.virtualAddress.put(entries, db)
    }
  }

  /// Strikes the virtual addresses of a service.
  public func removeVirtualAddresses(namespace: String, name: String) throws(AgentStoreError) {
    try write("removing virtual addresses") { db in try KeyedTable.virtualAddress.remove("\(namespace)/\(name)", db) }
  }

  /// All virtual addresses, in the order of names, and those that cannot be read any more.
  public func virtualAddresses() throws(AgentStoreError) -> (
    assignments: [VirtualAssignment], unreadable: [UnreadableEntry]
  ) {
    try read("reading virtual addresses") { db in
      try Self.decode(.virtualAddress, try KeyedTable.virtualAddress.all(db))
    }
  }
}
