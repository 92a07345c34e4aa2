import CLinux
import Foundation
import Kernel
import Testing

@Suite struct ProcessPrivilegesTests {
  @Test("A user is a name of /etc/passwd or a number, and anything else is refused")
  func users() throws {
    #expect(try Privileges.User("root") == .init(uid: 0, gid: 0))
    #expect(try Privileges.User("0") == .init(uid: 0, gid: 0))
    #expect(try Privileges.User("3999999") == .init(uid: 3_999_999, gid: 3_999_999))
    for text in ["", "-1", "4294967295", "4294967296", "no such user", "１"] {
      #expect(throws: PrivilegeError.unknownUser(text)) { try Privileges.User(text) }
    }
  }

  @Test("After the drop nothing is left: no capability in any set, no group, no way back", .enabled(if: geteuid() == 0))
  func drop() async {
    // A process of its own, since the drop cannot be undone; and a child of that one, since it must have one thread.
    await #expect(processExitsWith: .success) {
      let status = try await ProcessPrivilegesTests.statusAfterDrop()
      #expect(status["Uid"] == "4242\t4242\t4242\t4242")
      #expect(status["Gid"] == "4243\t4243\t4243\t4243")
      #expect(status["Groups"] == "4243")
      #expect(status["NoNewPrivs"] == "1")
      for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] { #expect(status[set] == "0000000000000000") }
    }
  }

  @Test("With threads running the drop is refused, since they would keep their capabilities")
  func threads() async {
    await #expect(processExitsWith: .success) {
      let thread = Thread { sleep(60) }
      thread.start()
      #expect {
        try Privileges.drop(to: nil)
      } throws: { error in
        guard case PrivilegeError.threadsRunning(let count)? = error as? PrivilegeError else { return false }
        return count > 1
      }
    }
  }

  /// The fields of /proc/self/status in a process that gave up everything.
  @concurrent
  private static func statusAfterDrop() async throws -> [String: String] {
    var ends: [Int32] = [0, 0]
    pipe(&ends)
    let child = weft_fork()
    if child == 0 {
      alarm(10)
      do {
        try Privileges.drop(to: .init(uid: 4242, gid: 4243))
      } catch {
        let text = "Error:\t\(error)\n"
        _ = text.withCString { write(ends[1], $0, strlen($0)) }
      }
      let status = open("/proc/thread-self/status", O_RDONLY)
      var bytes = [UInt8](repeating: 0, count: 8192)
      let count = read(status, &bytes, 8192)
      write(ends[1], bytes, max(0, count))
      _exit(0)
    }
    close(ends[1])
    let data = FileHandle(fileDescriptor: ends[0]).readDataToEndOfFile()
    waitpid(child, nil, 0)
    let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
    return Dictionary(
      lines.compactMap { line in
        let parts = line.split(separator: ":", maxSplits: 1)
        return parts.count == 2 ? (String(parts[0]), parts[1].trimmingCharacters(in: .whitespaces)) : nil
      },
      uniquingKeysWith: { first, _ in first }
    )
  }
}
