import Foundation
import Glibc
import MeshModel
import Testing
import WeftTestKit

@testable import Membership

@Suite("Serf as a child", .serialized)
struct SerfChildTests {
  /// Whether the process runs: one that ended and that nobody waited for does not.
  private static func isRunning(_ pid: Int32) -> Bool {
    guard let status = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8) else { return false }
    return !status.contains("State:\tZ") && !status.contains("State:\tX")
  }

  @Test("ends with the agent, even if that was killed")
  func killedAgent() async throws {
    let directory = try TemporaryDirectory()
    // In Serf's place a program that says nothing, so that no broken pipe ends it.
    try directory.write(
      "quiet",
      "#!/bin/sh\necho $$ >'\(directory.path)/new'\nmv '\(directory.path)/new' '\(directory.path)/pid'\nexec sleep 600\n"
    )
    chmod(directory.file("quiet"), 0o755)
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = directory.path as String] in
      let child = SerfChild(program: path + "/quiet", configurationPath: "/none")
      let running = Task { await child.run(started: { _ in }, said: { _ in }) }
      try await eventuallyAsync("the child runs") { access(path + "/pid", R_OK) == 0 }
      kill(getpid(), SIGKILL)
      _ = await running.value
    }
    let text = try String(contentsOfFile: directory.file("pid"), encoding: .utf8)
    let child = try #require(Int32(text.trimmingCharacters(in: .newlines)))
    defer { if Self.isRunning(child) { kill(child, SIGKILL) } }
    try eventually("the child \(child) is gone") { !Self.isRunning(child) }
  }

  @Test("ends with the agent that is stopped, without leaving")
  func stoppedAgent() async throws {
    let net = try GossipNet()
    let hosts = try await SerfMembershipTests.mesh(net, 2)
    let child = try #require(await hosts[1].membership.child)
    #expect(Self.isRunning(child))
    await hosts[1].stop()
    #expect(!Self.isRunning(child))
    try await hosts[0].log.wait(for: .down(hosts[1].own.with(.failed), reason: .failed))
  }

  @Test("does not start for an agent that is gone already")
  func lateStart() throws {
    let directory = try TemporaryDirectory()
    let child = SerfChild(program: "/usr/bin/touch", configurationPath: "")
    var command = child.command(parent: getpid() + 1)
    command.removeLast(2)
    let outcome = try Command(command[0], command[1...] + [directory.file("started")]).run()
    #expect(outcome.code == 1)
    #expect(!FileManager.default.fileExists(atPath: directory.file("started")))
    command = child.command(parent: getpid())
    command.removeLast(2)
    try Command(command[0], command[1...] + [directory.file("started")]).run().orThrow()
    #expect(FileManager.default.fileExists(atPath: directory.file("started")))
  }
}
