import GRDB
import Testing

@testable import AgentStore

@Suite("What the store says when it cannot")
struct AgentStoreErrorTests {
  @Test("is one line that names the place")
  func lines() {
    let path = "/var/lib/weft/weft.db"
    let errors: [AgentStoreError] = [
      .locked(directory: path, pid: 12), .locked(directory: path, pid: nil),
      .notPrivate(path: path, found: "has mode 644", command: "chmod 600 '\(path)'"),
      .notWritable(path: path, reason: "Permission denied"), .diskFull(path: path, doing: "writing records"),
      .corrupt(path: path, said: "malformed"), .newerVersion(path: path, changes: ["2 more"]),
      .busy(path: path, doing: "writing records"), .refused(path: path, reason: "too large"),
      .failed(path: path, doing: "writing records", said: "disk I/O error"),
    ]
    for error in errors {
      #expect("\(error)".contains(path) && !"\(error)".contains("\n") && "\(error)".count < 420, "\(error)")
    }
  }

  @Test("tells SQLite's errors apart by what an operator does about them")
  func codes() {
    let path = "/nowhere/weft.db"
    func meaning(_ code: ResultCode) -> AgentStoreError {
      AgentStoreError(DatabaseError(resultCode: code, message: "said"), path: path, doing: "writing")
    }
    #expect(meaning(.SQLITE_FULL) == .diskFull(path: path, doing: "writing"))
    #expect(meaning(.SQLITE_NOTADB) == .corrupt(path: path, said: "said"))
    #expect(meaning(.SQLITE_CORRUPT_INDEX) == .corrupt(path: path, said: "said"))
    #expect(meaning(.SQLITE_READONLY_DIRECTORY) == .notWritable(path: path, reason: "said"))
    #expect(meaning(.SQLITE_CANTOPEN) == .notWritable(path: path, reason: "said"))
    #expect(meaning(.SQLITE_BUSY_SNAPSHOT) == .busy(path: path, doing: "writing"))
    guard case .failed(path, "writing", let said) = meaning(.SQLITE_IOERR_FSYNC) else {
      Issue.record("an error of the disk is none of its own")
      return
    }
    #expect(said.contains("said"))
  }
}
