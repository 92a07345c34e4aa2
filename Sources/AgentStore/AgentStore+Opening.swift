internal import GRDB

extension AgentStore {
  /// How SQLite is to treat this database.
  static func configuration(_ path: String) -> Configuration {
    var configuration = Configuration()
    configuration.label = "weft.agent-store"
    configuration.foreignKeysEnabled = true
    configuration.busyMode = .timeout(AgentStoreLimits.busyTimeout_s)
    // GRDB's own setting of WAL would lower `synchronous` to NORMAL, by which a power failure takes the last writes.
    configuration.journalMode = .default
    configuration.prepareDatabase { db in
      guard try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL") == "wal" else {
        throw AgentStoreError.notWritable(path: path, reason: "its file system takes no write-ahead log")
      }
      // FULL: the log is on disk (fdatasync) before a commit returns. `fullfsync` is another system's.
      // A schema that somebody changed must not call functions, and a cell that leaves its page is an error at once.
      try db.execute(
        sql: """
          PRAGMA synchronous = FULL;
          PRAGMA trusted_schema = OFF;
          PRAGMA cell_size_check = ON;
          PRAGMA temp_store = MEMORY;
          PRAGMA cache_size = -\(AgentStoreLimits.cache_KiB);
          PRAGMA wal_autocheckpoint = \(AgentStoreLimits.checkpoint_pages);
          PRAGMA journal_size_limit = \(AgentStoreLimits.logBytes);
          """
      )
    }
    return configuration
  }

  /// Sees that all pages and indexes make sense and that this version knows the schema; then brings it up to date, and
  /// takes settings over that an earlier version kept in it.
  ///
  /// The whole check and not `quick_check`, which leaves out whether indexes and tables agree: the next write would
  /// put a second row under a key that a damaged index does not find.
  static func check(_ queue: DatabaseQueue, _ settings: SettingsFile) throws {
    let migrator = Schema.migrator
    let earlier: [KeyedTable.Entry] = try queue.read { db in
      let findings = try String.fetchAll(db, sql: "PRAGMA integrity_check(\(AgentStoreLimits.findings))")
      guard findings == ["ok"] else {
        let said = findings.joined(separator: "; ").split(separator: "\n").joined(separator: " ")
        throw RowFault.damaged(said)
      }
      let unknown = try migrator.appliedIdentifiers(db).subtracting(migrator.migrations)
      guard unknown.isEmpty else { throw AgentStoreError.newerVersion(path: queue.path, changes: unknown.sorted()) }
      return try db.tableExists(KeyedTable.setting.rawValue) ? try KeyedTable.setting.all(db) : []
    }
    // Where the file is there, a start before this one wrote it and went no further.
    if !settings.wasThere, !earlier.isEmpty {
      try settings.set(Dictionary(earlier.map { ($0.key, $0.value) }) { _, last in last })
    }
    try migrator.migrate(queue)
    try queue.write { db in try EntryCounts.begin(db) }
    queue.releaseMemory()
  }
}
