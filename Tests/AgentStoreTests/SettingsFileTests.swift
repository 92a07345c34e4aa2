import Foundation
import GRDB
import Testing

@testable import AgentStore

@Suite("The file of settings")
struct SettingsFileTests {
  private func path(_ files: StoreFiles) -> String { "\(files.directory)/\(SettingsFile.name)" }

  @Test("outlives a damaged database, so that the host stays in its mesh")
  func recovered() throws {
    let files = try StoreFiles()
    var store = try AgentStore.open(directory: files.directory)
    try store.set(["mesh": Array("prod".utf8), "roots": [0, 255, 10]])
    try store.putToken("token", [1])
    try store.close()
    try files.write([UInt8](repeating: 65, count: 9_000), to: files.database)
    #expect(throws: AgentStoreError.self) { try AgentStore.open(directory: files.directory) }
    _ = try AgentStore.recover(directory: files.directory)
    store = try AgentStore.open(directory: files.directory)
    #expect(try store.settings() == ["mesh": Array("prod".utf8), "roots": [0, 255, 10]])
    #expect(try store.tokens() == [:])
  }

  @Test("takes over what an earlier version kept in the database, once")
  func migrated() throws {
    let files = try StoreFiles()
    try AgentStore.open(directory: files.directory).close()
    try earlier(files, ["mesh": [1, 2], "empty": []])
    var store = try AgentStore.open(directory: files.directory)
    #expect(try store.settings() == ["mesh": [1, 2], "empty": []])
    try store.set("mesh", [3])
    try store.close()
    // A crash before the database was brought up to date leaves both; the file is what counts then.
    try earlier(files, ["mesh": [9]])
    store = try AgentStore.open(directory: files.directory)
    #expect(try store.settings() == ["mesh": [3], "empty": []])
    #expect(try !store.queue.read { try $0.tableExists("setting") })
  }

  /// The database as the version before had it.
  private func earlier(_ files: StoreFiles, _ settings: [String: [UInt8]]) throws {
    let queue = try DatabaseQueue(path: files.database)
    try queue.write { db in
      try db.execute(
        sql: """
          DELETE FROM grdb_migrations WHERE identifier LIKE '2 %';
          CREATE TABLE setting (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, value BLOB NOT NULL, sum INTEGER NOT NULL)
          """
      )
      try KeyedTable.setting.write(settings.map { KeyedTable.Entry(key: $0.key, value: $0.value) }, db)
    }
    try queue.close()
  }

  @Test("is refused with what to do where a byte changed, wherever, or the end is missing")
  func damaged() throws {
    let files = try StoreFiles()
    let store = try AgentStore.open(directory: files.directory)
    try store.set(["mesh": Array("prod".utf8), "roots": [0, 255, 10]])
    try store.close()
    let bytes = try files.bytes(path(files))
    func refusal(_ wrong: [UInt8]) throws -> String {
      try files.write(wrong, to: path(files))
      let error = #expect(throws: AgentStoreError.self) { try AgentStore.open(directory: files.directory) }
      return error?.description ?? ""
    }
    for index in bytes.indices {
      var wrong = bytes
      wrong[index] ^= 1
      #expect(try refusal(wrong).contains("is damaged"), "at \(index)")
      #expect(try refusal(Array(bytes[..<index])).contains("is damaged"), "cut at \(index)")
    }
    #expect(try refusal([]).contains("restore it from a backup"))
    try files.write(bytes, to: path(files))
    #expect(try AgentStore.open(directory: files.directory).setting("mesh") == Array("prod".utf8))
  }

  @Test("is closed to others, refused where it was not, and no key file's name")
  func privacy() throws {
    let files = try StoreFiles()
    let store = try AgentStore.open(directory: files.directory)
    try store.set("mesh", [1])
    #expect(files.mode(path(files)) == 0o600)
    #expect(throws: AgentStoreError.self) { try store.keys.write(SettingsFile.name, [1]) }
    for name in ["", "two words", "line\n"] { #expect(throws: AgentStoreError.self) { try store.set(name, [1]) } }
    try store.close()
    chmod(path(files), 0o644)
    #expect {
      try AgentStore.open(directory: files.directory)
    } throws: { error in
      if case .notPrivate? = error as? AgentStoreError { true } else { false }
    }
  }
}
