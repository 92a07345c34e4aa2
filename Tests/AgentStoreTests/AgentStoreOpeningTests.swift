import Glibc
import Testing
import WeftTestKit

@testable import AgentStore
@testable import Replication

@Suite("Opening the store")
struct AgentStoreOpeningTests {
  @Test("closes the directory to others and all files in it, whatever the umask")
  func modes() throws {
    let files = try StoreFiles()
    #expect(mkdir(files.directory, 0o755) == 0)
    let store = try AgentStore.open(directory: files.directory)
    try store.set("mesh", [1])
    try store.keys.write("host.key", [1])
    #expect(files.mode(files.directory) == 0o700)
    #expect(files.names == ["agent.lock", "host.key", "mesh.settings", "weft.db", "weft.db-shm", "weft.db-wal"])
    for name in files.names { #expect(files.mode("\(files.directory)/\(name)") == 0o600, "\(name)") }
  }

  @Test("has SQLite write through the log to disk, and trust nothing")
  func settings() throws {
    let files = try StoreFiles()
    let store = try AgentStore.open(directory: files.directory)
    let wanted = [
      "journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "trusted_schema": "0", "cell_size_check": "1",
      "busy_timeout": "5000", "wal_autocheckpoint": "1000",
    ]
    for (pragma, value) in wanted { #expect(try Faults.pragma(pragma, of: store) == value, "\(pragma)") }
  }

  @Test("is refused while another agent has the directory, and names its pid")
  func twice() throws {
    let files = try StoreFiles()
    var store: AgentStore? = try AgentStore.open(directory: files.directory)
    let locked = AgentStoreError.locked(directory: files.directory, pid: getpid())
    #expect(throws: locked) { try AgentStore.open(directory: files.directory) }
    #expect(throws: locked) { try AgentStore.recover(directory: files.directory) }
    #expect("\(locked)".contains("pid \(getpid())"))
    try store?.set("mesh", [1])
    store = nil
    let next = try AgentStore.open(directory: files.directory)
    try next.close()
    #expect(try AgentStore.open(directory: files.directory).setting("mesh") == [1])
    #expect(throws: AgentStoreError.self) { try next.set("mesh", [2]) }
  }

  @Test("refuses a directory or a file that others may read or that is another user's, and says what to do")
  func wrongModes() throws {
    let files = try StoreFiles()
    try AgentStore.open(directory: files.directory).close()
    func found(_ path: String) -> AgentStoreError? {
      do throws(AgentStoreError) {
        try AgentStore.open(directory: files.directory).close()
        return nil
      } catch {
        guard case .notPrivate(let named, _, _) = error, named == path else {
          Issue.record("\(error)")
          return nil
        }
        return error
      }
    }
    chmod(files.directory, 0o750)
    #expect(found(files.directory)?.description.contains("chmod 700 '\(files.directory)'") == true)
    chmod(files.directory, 0o700)
    chmod(files.database, 0o644)
    #expect(found(files.database)?.description.contains("chmod 600 '\(files.database)'") == true)
    chmod(files.database, 0o600)
    try files.write([], to: files.log)
    chmod(files.log, 0o640)
    #expect(found(files.log)?.description.contains("chmod 600") == true)
    unlink(files.log)
    if geteuid() == 0 {
      chown(files.database, 4_242, 4_242)
      #expect(found(files.database)?.description.contains("uid 4242") == true)
      chown(files.database, 0, 0)
    }
    try AgentStore.open(directory: files.directory).close()
  }

  @Test("refuses a database that is a link to somewhere else")
  func link() throws {
    let (files, other) = (try StoreFiles(), try StoreFiles())
    try AgentStore.open(directory: files.directory).close()
    try AgentStore.open(directory: other.directory).close()
    unlink(files.database)
    #expect(symlink(other.database, files.database) == 0)
    #expect {
      try AgentStore.open(directory: files.directory)
    } throws: { error in
      if case .notPrivate(files.database, _, _)? = error as? AgentStoreError { true } else { false }
    }
  }

  @Test("refuses a database that a later version has changed, and changes nothing")
  func newer() throws {
    let files = try StoreFiles()
    try AgentStore.open(directory: files.directory).close()
    try Faults.run("INSERT INTO grdb_migrations (identifier) VALUES ('9 later')", on: files.database)
    let before = try files.bytes(files.database)
    let refusal = AgentStoreError.newerVersion(path: files.database, changes: ["9 later"])
    #expect(throws: refusal) { try AgentStore.open(directory: files.directory) }
    #expect(try files.bytes(files.database) == before)
    try Faults.run("DELETE FROM grdb_migrations WHERE identifier = '9 later'", on: files.database)
    try AgentStore.open(directory: files.directory).close()
  }

  @Test("says so where there is no directory to make it in")
  func missing() throws {
    let files = try StoreFiles()
    #expect {
      try AgentStore.open(directory: "\(files.directory)/a/b")
    } throws: { error in
      if case .notWritable("\(files.directory)/a/b", _)? = error as? AgentStoreError { true } else { false }
    }
  }

  @Test("waits for a person's tool only so long, and names the database", .timeLimit(.minutes(1)))
  func busy() throws {
    let files = try StoreFiles()
    let store = try AgentStore.open(directory: files.directory)
    try Faults.whileHolding(files.database) {
      #expect(throws: AgentStoreError.busy(path: files.database, doing: "writing a join token")) {
        try store.putToken("token", [1])
      }
    }
    try store.putToken("token", [1])
  }
}
