internal import GRDB

/// How many rows each keyed table has. SQLite counts a table by walking through it, so of ten thousand rows each put would
/// cost as many steps.
///
/// The counts are a table of the connection's own, in memory. Triggers keep them, so a transaction that is taken back takes
/// back what it counted.
enum EntryCounts {
  /// The tables that are put into.
  private static let tables: [KeyedTable] = [.registration, .virtualAddress, .token, .workload]

  /// Counts what is there, once, and every change from now on.
  static func begin(_ db: Database) throws {
    try db.execute(sql: "CREATE TEMP TABLE entry_count (name TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID")
    for table in tables {
      let name = table.rawValue
      // A put in place of another updates its row (ON CONFLICT), which sets off neither.
      try db.execute(
        sql: """
          INSERT INTO temp.entry_count SELECT '\(name)', count(*) FROM main.\(name);
          CREATE TEMP TRIGGER \(name)_came AFTER INSERT ON main.\(name)
          BEGIN UPDATE entry_count SET count = count + 1 WHERE name = '\(name)'; END;
          CREATE TEMP TRIGGER \(name)_went AFTER DELETE ON main.\(name)
          BEGIN UPDATE entry_count SET count = count - 1 WHERE name = '\(name)'; END;
          """
      )
    }
  }

  /// The rows of a table, with what the transaction at hand did to it.
  static func count(of table: KeyedTable, _ db: Database) throws -> Int {
    let statement = try db.cachedStatement(sql: "SELECT count FROM temp.entry_count WHERE name = ?")
    guard let count = try Int.fetchOne(statement, arguments: [table.rawValue]) else {
      throw RowFault.damaged("the rows of \(table.rawValue) are not counted")
    }
    return count
  }
}
