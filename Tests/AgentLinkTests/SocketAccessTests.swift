import Glibc
import Testing
import WeftTestKit

@testable import AgentLink

@Suite struct SocketAccessTests {
  @Test("Who may write the file may talk to the agent")
  func text() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("file", "")
    let cases: [(UInt32, UInt32, UInt32, String)] = [
      (0, 0, 0o600, "only root"), (4242, 4343, 0o660, "root, user 4242 and group 4343"),
      (4242, 4343, 0o600, "root and user 4242"), (0, 4343, 0o660, "root and group 4343"),
      (4242, 4343, 0o440, "only root"),
    ]
    for (user, group, mode, text) in cases {
      #expect(chown(path, user, group) == 0 && chmod(path, mode) == 0)
      #expect(try #require(SocketAccess(path: path)).text(naming: false) == text)
    }
    #expect(chown(path, 1, 1) == 0 && chmod(path, 0o660) == 0)
    #expect(try #require(SocketAccess(path: path)).text(naming: true) == "root, user daemon and group daemon")
    #expect(SocketAccess(path: directory.file("none")) == nil)
  }
}
