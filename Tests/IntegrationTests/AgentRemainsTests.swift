import Foundation
import Glibc
import Testing
import WeftTestKit

/// A data directory of which a part is gone, by a hand that slipped or a backup that left something out.
@Suite("An agent on a part of its data directory")
struct AgentRemainsTests {
  /// An agent that made a mesh and ended, and how its next start goes.
  private let agent: AgentUnderTest
  private let pod: Pod
  private var data: String { agent.directory.file("data") }

  init() throws {
    pod = try Pod()
    agent = try AgentUnderTest(in: pod)
    try end()
  }

  private func end() throws {
    agent.program.signal(SIGTERM)
    _ = try agent.program.waitForExit()
  }

  private func start() throws -> Outcome {
    let options = [
      "run", "--log", "stderr", "--metrics-port", "0", "--data-dir", data, "--run-dir", agent.directory.path,
    ]
    return try Command(Binaries.path("weft-agent"), options).with(\.pod, pod).run()
  }

  private func bytes(_ name: String) -> Data? { FileManager.default.contents(atPath: "\(data)/\(name)") }

  @Test(
    "without mesh.settings makes no new mesh: the root's key is not written over, and the files serve again when it is back"
  )
  func settings() throws {
    let keys = ["authority.key", "host.key"].map(bytes)
    try #require(rename("\(data)/mesh.settings", agent.directory.file("kept")) == 0)
    for _ in 1...2 {
      let outcome = try start()
      #expect(outcome.code == 1 && outcome.error.split(separator: "\n").count == 1, "\(outcome)")
      #expect(outcome.error.contains("holds a root's key (authority.key) but not mesh.settings"), "\(outcome)")
    }
    #expect(["authority.key", "host.key"].map(bytes) == keys)
    #expect(bytes("mesh.settings") == nil)
    try #require(rename(agent.directory.file("kept"), "\(data)/mesh.settings") == 0)
    try agent.restart()
    #expect(try agent.weft("check").succeeded)
  }

  @Test("that has records but neither settings nor the root's key does not become a mesh of its own")
  func records() throws {
    try agent.restart()
    #expect(try agent.weft("register", "--name", "web", "--port", "80").succeeded)
    try end()
    try #require(unlink("\(data)/mesh.settings") == 0 && unlink("\(data)/authority.key") == 0)
    let outcome = try start()
    #expect(outcome.code == 1 && outcome.error.contains("holds records of a mesh but not mesh.settings"), "\(outcome)")
    #expect(bytes("authority.key") == nil)
  }

  @Test("with a damaged key file says what to restore", arguments: ["authority.key", "host.key"])
  func key(name: String) throws {
    try Data("garbage".utf8).write(to: URL(fileURLWithPath: "\(data)/\(name)"))
    chmod("\(data)/\(name)", 0o600)
    let outcome = try start()
    #expect(outcome.code == 1 && outcome.error.split(separator: "\n").count == 1, "\(outcome)")
    #expect(outcome.error.contains("restore the key files and mesh.settings from a backup"), "\(outcome)")
  }

  @Test("that is empty makes a mesh, as at the first start")
  func empty() throws {
    let key = bytes("authority.key")
    try FileManager.default.removeItem(atPath: data)
    try agent.restart()
    #expect(bytes("authority.key") != nil && bytes("authority.key") != key)
  }
}
