internal import GRDB

// What the mesh is to this agent: its name and trust domain, the public state of the authority, and the like. Never
// private keys: those are in `keys`.

extension AgentStore {
  /// What is set under a key; nil if nothing is.
  public func setting(_ key: String) throws(AgentStoreError) -> [UInt8]? {
    try read("reading a setting") { db in try KeyedTable.setting.value(key, db) }
  }

  /// All settings.
  public func settings() throws(AgentStoreError) -> [String: [UInt8]] {
    try read("reading settings") { db in
      Dictionary(try KeyedTable.setting.all(db).map { ($0.key, $0.value) }) { _, last in last }
    }
  }

  /// Puts settings, or removes those whose value is nil, all in one transaction.
  public func set(_ settings: [String: [UInt8]?]) throws(AgentStoreError) {
    guard !settings.isEmpty else { return }
    try write("writing settings") { db in try Self.set(settings, db) }
  }

  /// Puts one setting, or removes it where the value is nil.
  public func set(_ key: String, _ value: [UInt8]?) throws(AgentStoreError) { try set([key: value]) }

  static func set(_ settings: [String: [UInt8]?], _ db: Database) throws {
    for (key, value) in settings {
      if let value { try KeyedTable.setting.put(key, value, db) } else { try KeyedTable.setting.remove(key, db) }
    }
  }
}
