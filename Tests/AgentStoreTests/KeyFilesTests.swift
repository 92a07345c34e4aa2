import Glibc
import Testing
import WeftTestKit

@testable import AgentStore

@Suite("Key files")
struct KeyFilesTests {
  private func made() throws -> (files: StoreFiles, keys: KeyFiles) {
    let files = try StoreFiles()
    #expect(mkdir(files.directory, 0o700) == 0)
    return (files, KeyFiles(directory: files.directory))
  }

  @Test("are read as they were written last, and only their user may")
  func roundTrip() throws {
    let (files, keys) = try made()
    #expect(try keys.read("host.key") == nil)
    for bytes in [[1, 2, 3], [UInt8](repeating: 7, count: AgentStoreLimits.keyFileBytes), []] {
      try keys.write("host.key", bytes)
      #expect(try keys.read("host.key") == bytes)
      #expect(files.mode("\(files.directory)/host.key") == 0o600)
    }
    try keys.write("intermediate-2.key", [5])
    try keys.remove("host.key")
    try keys.remove("host.key")
    #expect(try keys.read("host.key") == nil)
    #expect(files.names == ["intermediate-2.key"])
  }

  @Test("are whole after a crash while one was written, and what it left is in nobody's way")
  func interrupted() throws {
    let (files, keys) = try made()
    try keys.write("host.key", [1, 2, 3])
    try files.write([9], to: "\(files.directory)/.host.key.new")
    #expect(try keys.read("host.key") == [1, 2, 3])
    try keys.write("host.key", [4, 5])
    #expect(try keys.read("host.key") == [4, 5])
    #expect(files.names == ["host.key"])
  }

  @Test("that others may read, own, or have put a link in place of are refused with what to do")
  func wrongModes() throws {
    let (files, keys) = try made()
    try keys.write("host.key", [1])
    let path = "\(files.directory)/host.key"
    func refusal() -> String? {
      do throws(AgentStoreError) {
        _ = try keys.read("host.key")
        return nil
      } catch {
        if case .notPrivate(path, _, _) = error { return "\(error)" }
        return nil
      }
    }
    #expect(refusal() == nil)
    for mode in [0o640, 0o604, 0o620, 0o777] as [mode_t] {
      chmod(path, mode)
      #expect(refusal()?.contains("chmod 600 '\(path)'") == true)
    }
    chmod(path, 0o400)
    #expect(try keys.read("host.key") == [1])
    if geteuid() == 0 {
      chown(path, 4_242, 4_242)
      #expect(refusal()?.contains("uid 4242") == true)
    }
    rename(path, "\(files.directory)/elsewhere")
    #expect(symlink("\(files.directory)/elsewhere", path) == 0)
    #expect(refusal()?.contains("symbolic link") == true)
    unlink(path)
    #expect(mkfifo(path, 0o600) == 0)
    #expect(refusal()?.contains("no regular file") == true)
  }

  @Test("have plain names, none of the store's own, and a bounded size")
  func names() throws {
    let (files, keys) = try made()
    let long = String(repeating: "k", count: AgentStoreLimits.keyNameBytes + 1)
    for name in ["", ".", "..", "../key", "a/b", ".hidden", "weft.db", "weft.db-wal", "agent.lock", "a\0b", "é", long] {
      #expect(throws: AgentStoreError.self) { try keys.write(name, [1]) }
      #expect(throws: AgentStoreError.self) { try keys.read(name) }
      #expect(throws: AgentStoreError.self) { try keys.remove(name) }
    }
    let tooLarge = [UInt8](repeating: 0, count: AgentStoreLimits.keyFileBytes + 1)
    #expect(throws: AgentStoreError.self) { try keys.write("host.key", tooLarge) }
    try files.write(tooLarge, to: "\(files.directory)/host.key")
    #expect(throws: AgentStoreError.self) { try keys.read("host.key") }
  }
}
