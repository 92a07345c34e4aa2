internal import GRDB

/// The tables. A change is a new migration, never another text of an old one.
///
/// Keys are in indexes, which the check at the start compares with their tables; `sum` covers the rest of a row. Texts
/// are bound as bytes and cast, see Columns.swift. Versions are UInt64 by their bits, for people who look.
enum Schema {
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 records, registrations, addresses, settings") { db in
      try db.execute(
        sql: """
          CREATE TABLE owner (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL,
            fingerprint BLOB NOT NULL,
            head BLOB NOT NULL,
            credential BLOB NOT NULL,
            sum INTEGER NOT NULL,
            UNIQUE (fingerprint, name)
          );
          CREATE TABLE record (
            id INTEGER PRIMARY KEY,
            owner INTEGER NOT NULL REFERENCES owner (id) ON DELETE CASCADE,
            kind TEXT NOT NULL,
            namespace TEXT NOT NULL,
            name TEXT NOT NULL,
            epoch INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            bytes BLOB NOT NULL,
            sum INTEGER NOT NULL,
            UNIQUE (owner, kind, namespace, name)
          );
          """
      )
      for table in ["registration", "virtual_address", "setting", "token", "workload"] {
        try db.execute(
          sql: """
            CREATE TABLE \(table) (
              id INTEGER PRIMARY KEY,
              key TEXT NOT NULL UNIQUE,
              value BLOB NOT NULL,
              sum INTEGER NOT NULL
            )
            """
        )
      }
    }
    // An earlier version that went on without them would make a new mesh; this keeps it from starting.
    migrator.registerMigration("2 settings are in a file") { db in try db.drop(table: KeyedTable.setting.rawValue) }
    return migrator
  }
}
