internal import GRDB

extension AgentStore {
  /// Writes down by which selectors a workload is known, in place of those that its SPIFFE ID had.
  public func putWorkload(_ id: String, selectors: [String]) throws(AgentStoreError) {
    try write("writing a workload entry") { db in try KeyedTable.workload.put(id, try Self.json(selectors), db) }
  }

  /// Strikes the entry of a SPIFFE ID.
  public func removeWorkload(_ id: String) throws(AgentStoreError) {
    try write("removing a workload entry") { db in try KeyedTable.workload.remove(id, db) }
  }

  /// Selectors by SPIFFE ID, and the entries that cannot be read any more.
  public func workloads() throws(AgentStoreError) -> (
    selectors: [String: [String]], unreadable: [UnreadableEntry]
  ) {
    try read("reading workload entries") { db in
      var (selectors, unreadable): ([String: [String]], [UnreadableEntry]) = ([:], [])
      for entry in try KeyedTable.workload.all(db) {
        let (values, problems): ([[String]], [UnreadableEntry]) = try Self.decode(.workload, [entry])
        if let value = values.first { selectors[entry.key] = value }
        unreadable += problems
      }
      return (selectors, unreadable)
    }
  }
}
