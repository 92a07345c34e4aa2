import GRDB

@testable import AgentStore

/// Makes the database fail where a test wants it to.
enum Faults {
  /// No record of that name can be written any more.
  static func refuseRecords(of store: AgentStore, named name: String) throws {
    try store.queue.write { db in
      try db.execute(
        sql: """
          CREATE TEMP TRIGGER fault BEFORE INSERT ON main.record WHEN NEW.name = '\(name)'
          BEGIN SELECT RAISE(ABORT, 'fault'); END
          """
      )
    }
  }

  static func end(of store: AgentStore) throws {
    try store.queue.write { db in try db.execute(sql: "DROP TRIGGER fault") }
  }

  /// Runs SQL on a database that no store has open.
  static func run(_ sql: String, on path: String) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.write { db in try db.execute(sql: sql) }
    try queue.close()
  }
}

extension Faults {
  /// What SQLite says of its settings on the store's connection.
  static func pragma(_ name: String, of store: AgentStore) throws -> String? {
    try store.queue.read { db in try String.fetchOne(db, sql: "PRAGMA \(name)") }
  }

  /// Runs `body` while another connection is about to write.
  static func whileHolding(_ path: String, _ body: () throws -> Void) throws {
    let other = try DatabaseQueue(path: path)
    try other.inTransaction(.immediate) { _ in
      try body()
      return .rollback
    }
    try other.close()
  }
}
