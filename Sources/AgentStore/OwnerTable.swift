internal import GRDB
internal import Replication

/// Owners and their records in the database.
enum OwnerTable {
  static func apply(_ batch: Batch, _ db: Database) throws {
    let (name, fingerprint) = (batch.owner.name.keyBytes, batch.owner.key.bytes)
    guard let state = batch.state else {
      // Its records go with it.
      try db.cachedStatement(sql: "DELETE FROM owner WHERE fingerprint = ? AND name = CAST(? AS TEXT)")
        .execute(arguments: [fingerprint.blob, name.blob])
      return
    }
    let head = state.head.encoded()
    try db.cachedStatement(
      sql: """
        INSERT INTO owner (name, fingerprint, head, credential, sum) VALUES (CAST(? AS TEXT), ?, ?, ?, ?)
        ON CONFLICT (fingerprint, name) DO UPDATE
        SET head = excluded.head, credential = excluded.credential, sum = excluded.sum
        """
    ).execute(arguments: [
      name.blob, fingerprint.blob, head.blob, state.credential.blob, RowSum(0, head, state.credential).value,
    ])
    let select = try db.cachedStatement(sql: "SELECT id FROM owner WHERE fingerprint = ? AND name = CAST(? AS TEXT)")
    guard let owner = try Int64.fetchOne(select, arguments: [fingerprint.blob, name.blob]) else {
      throw RowFault.damaged("an owner is not found that was just put")
    }
    for key in batch.removes { try remove(key, of: owner, db) }
    for record in batch.puts { try put(record, of: owner, db) }
  }

  private static func put(_ record: Replication.Record, of owner: Int64, _ db: Database) throws {
    let bytes = record.encoded()
    try db.cachedStatement(
      sql: """
        INSERT INTO record (owner, kind, namespace, name, epoch, sequence, bytes, sum)
        VALUES (?, CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), ?, ?, ?, ?)
        ON CONFLICT (owner, kind, namespace, name) DO UPDATE
        SET epoch = excluded.epoch, sequence = excluded.sequence, bytes = excluded.bytes, sum = excluded.sum
        """
    ).execute(arguments: [
      owner, record.key.kind.rawValue.keyBytes.blob, record.key.namespace.keyBytes.blob, record.key.name.keyBytes.blob,
      Int64(bitPattern: record.version.epoch), Int64(bitPattern: record.version.sequence), bytes.blob,
      RowSum(owner, bytes).value,
    ])
  }

  private static func remove(_ key: RecordKey, of owner: Int64, _ db: Database) throws {
    try db.cachedStatement(
      sql: """
        DELETE FROM record
        WHERE owner = ? AND kind = CAST(? AS TEXT) AND namespace = CAST(? AS TEXT) AND name = CAST(? AS TEXT)
        """
    ).execute(arguments: [
      owner, key.kind.rawValue.keyBytes.blob, key.namespace.keyBytes.blob, key.name.keyBytes.blob,
    ])
  }

  /// All owners. Both tables are read from end to end, in the order of their pages: no row is looked up.
  static func all(_ db: Database) throws -> [StoredOwner] {
    var heads: [(head: Head, credential: [UInt8])] = []
    var slots: [Int64: Int] = [:]
    let owners = try Row.fetchCursor(db, sql: "SELECT id, head, credential, sum FROM owner ORDER BY id")
    while let row = try owners.next() {
      let (head, credential) = (try row.bytes(1), try row.bytes(2))
      guard RowSum(0, head, credential).value == row.number(3) else { throw damaged("owner \(row.number(0))") }
      slots[row.number(0)] = heads.count
      heads.append((try decode("owner \(row.number(0))") { try Head(decoding: head) }, credential))
    }
    var records = [[Replication.Record]](repeating: [], count: heads.count)
    let rows = try Row.fetchCursor(db, sql: "SELECT owner, bytes, sum, id FROM record ORDER BY id")
    while let row = try rows.next() {
      let bytes = try row.bytes(1)
      guard RowSum(row.number(0), bytes).value == row.number(2), let slot = slots[row.number(0)] else {
        throw damaged("record \(row.number(3))")
      }
      records[slot].append(try decode("record \(row.number(3))") { try Replication.Record(decoding: bytes) })
    }
    return zip(heads, records).map { StoredOwner(head: $0.head, credential: $0.credential, records: $1) }
  }

  private static func damaged(_ row: String) -> RowFault { .damaged("\(row) has not the sum it had") }

  private static func decode<Value>(_ row: String, _ body: () throws -> Value) throws -> Value {
    do { return try body() } catch {
      throw RowFault.damaged("\(row) is not what was written: \(error)")
    }
  }
}
