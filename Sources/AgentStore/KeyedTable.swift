internal import GRDB

/// A table of bytes under texts.
enum KeyedTable: String {
  case registration
  case virtualAddress = "virtual_address"
  case token, workload
  /// Of earlier versions, see `SettingsFile`.
  case setting

  /// A row of one.
  struct Entry {
    let key: String
    let value: [UInt8]
  }

  /// Puts values under their keys, in place of what was there.
  func put(_ entries: [Entry], _ db: Database) throws {
    guard !entries.isEmpty else { return }
    try write(entries, db)
    // After the puts, which may have replaced others; the transaction takes them back.
    let count = try EntryCounts.count(of: self, db)
    try refuse(count > AgentStoreLimits.entries, "more than \(AgentStoreLimits.entries) entries")
  }

  /// The same, however many there are then.
  func write(_ entries: [Entry], _ db: Database) throws {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO \(rawValue) (key, value, sum) VALUES (CAST(? AS TEXT), ?, ?)
        ON CONFLICT (key) DO UPDATE SET value = excluded.value, sum = excluded.sum
        """
    )
    for entry in entries {
      let (key, value) = (entry.key.keyBytes, entry.value)
      try refuse(key.isEmpty || key.count > AgentStoreLimits.keyBytes, "a key of \(key.count) bytes")
      try refuse(value.count > AgentStoreLimits.valueBytes, "\(entry.key): a value of \(value.count) bytes")
      try statement.execute(arguments: [key.blob, value.blob, RowSum(0, key, value).value])
    }
  }

  /// Puts one value.
  func put(_ key: String, _ value: [UInt8], _ db: Database) throws { try put([Entry(key: key, value: value)], db) }

  private func refuse(_ condition: Bool, _ what: String) throws {
    if condition { throw RowFault.refused("\(rawValue): \(what) is not kept") }
  }

  /// Removes what is under a key; nothing there is no error.
  func remove(_ key: String, _ db: Database) throws {
    try db.cachedStatement(sql: "DELETE FROM \(rawValue) WHERE key = CAST(? AS TEXT)")
      .execute(arguments: [key.keyBytes.blob])
  }

  /// What is under a key.
  func value(_ key: String, _ db: Database) throws -> [UInt8]? {
    let statement = try db.cachedStatement(sql: "SELECT key, value, sum FROM \(rawValue) WHERE key = CAST(? AS TEXT)")
    let rows = try Row.fetchCursor(statement, arguments: [key.keyBytes.blob])
    return try rows.next().map { try entry($0).value }
  }

  /// All of it, in the order of keys.
  func all(_ db: Database) throws -> [Entry] {
    let rows = try Row.fetchCursor(db, sql: "SELECT key, value, sum FROM \(rawValue) ORDER BY key")
    var entries: [Entry] = []
    while let row = try rows.next() { entries.append(try entry(row)) }
    return entries
  }

  private func entry(_ row: Row) throws -> Entry {
    let (key, value) = (try row.bytes(0), try row.bytes(1))
    guard RowSum(0, key, value).value == row.number(2), let text = String(validating: key, as: UTF8.self) else {
      throw RowFault.damaged("a row of table \(rawValue) has not the sum it had")
    }
    return Entry(key: text, value: value)
  }
}
