import Foundation
import MeshModel
import Testing
import WeftTestKit

/// The steps of docs/operations.md, "The root's key".
@Suite("A host whose disk is lost")
struct RestoredHostTests {
  private func data(_ agent: AgentUnderTest) -> String { agent.directory.file("data") }

  private func stop(_ agent: AgentUnderTest) throws {
    agent.program.signal(SIGTERM)
    _ = try agent.program.waitForExit()
  }

  private func policy(_ name: String) -> String {
    Documents.authorization(name, "AUDIT", rules: "[{to: [{operation: {methods: [GET]}}]}]")
  }

  private func apply(_ name: String, on agent: AgentUnderTest) throws {
    try agent.weft("apply", "-f", "-", input: policy(name)).orThrow()
  }

  private func knows(_ agent: AgentUnderTest, _ name: String) throws -> Bool {
    try agent.weft("get", "authz").orThrow().output.contains(name)
  }

  @Test(
    "is who it was with the files of its backup in an empty directory: with the root, a roster newer than the backup's, and all records"
  )
  func founder() throws {
    let scene = try HostsScene(2, pods: 1)
    let first = scene.agents[0]
    let backup = try TemporaryDirectory()
    try stop(first)
    let files = ["authority.key", "mesh.settings", "host.key", "gossip.key", "host-identity.key"]
    for file in files { try Command("cp", ["-p", "\(data(first))/\(file)", backup.path]).run().orThrow() }
    let members = try HostsScene.members(scene.agents[1]).map(\.owner)
    try first.restart()
    try eventually("it knows the other again") { try HostsScene.members(first).filter(\.isAlive).count == 2 }
    // What is later than the backup.
    try scene.grant(1)
    try apply("late", on: first)
    try eventually("the other has it") { try knows(scene.agents[1], "late") }

    try first.crash()
    try FileManager.default.removeItem(atPath: data(first))
    try Command("install", ["-d", "-m", "700", data(first)]).run().orThrow()
    for file in files {
      try Command("install", ["-m", "600", backup.file(file), data(first)]).run().orThrow()
    }
    try first.restart()
    try eventually("the document of before is back") { try knows(first, "late") }
    #expect(try HostsScene.members(first).map(\.owner) == members)
    try eventually("it knows again to whom it gave the role", within: .seconds(90)) {
      try scene.authorities(0).map(\.name) == ["h1", "h2"]
    }
    try apply("after", on: first)
    try eventually("the other hears what it writes") { try knows(scene.agents[1], "after") }
    try scene.join(2, scene.token())
    try eventually("a host that it lets in has all") {
      try knows(scene.agents[2], "late") && knows(scene.agents[2], "after")
    }
    try eventually("and knows both authorities") { try scene.authorities(2).map(\.name) == ["h1", "h2"] }
  }

  @Test(
    "had the root and is put back to before a change of it: it starts and says what to do; the others go on, lose no write, and have it back by that"
  )
  func changedRoot() throws {
    let clocks = try SkewedClocks("all")
    let scene = try HostsScene(3, wrapper: clocks.wrapper("all"))
    try scene.grant(1)
    let first = scene.agents[0]
    let backup = try TemporaryDirectory()
    let files = ["authority.key", "mesh.settings", "host.key", "gossip.key", "host-identity.key"]
    for file in files { try Command("cp", ["-p", "\(data(first))/\(file)", backup.path]).run().orThrow() }
    let old = try HostsScene.roots(first)
    try first.weft("identity", "rotate", "--root").orThrow()
    let both = try HostsScene.roots(first)
    // docs/identity.md: the new one signs after 49 h, and the old one leaves 49 h after that. Agents ask for roots at their
    // start.
    for (hours, expected) in [(0, Set(both)), (50, Set(both)), (100, Set(both).subtracting(old))] {
      for agent in scene.agents { try agent.crash() }
      try clocks.set("all", hours: hours)
      // One after the other: who asked another that has not heard yet would ask again after ten minutes.
      for (number, agent) in scene.agents.enumerated() {
        try agent.restart()
        try eventually("host \(number + 1) has the roots of \(hours) hours later", within: .seconds(90)) {
          try Set(HostsScene.roots(agent)) == expected
        }
      }
    }
    try apply("late", on: first)
    for agent in scene.agents { try eventually("all have what is later than the backup") { try knows(agent, "late") } }

    try first.crash()
    try FileManager.default.removeItem(atPath: data(first))
    try Command("install", ["-d", "-m", "700", data(first)]).run().orThrow()
    for file in files { try Command("install", ["-m", "600", backup.file(file), data(first)]).run().orThrow() }
    try first.restart()
    let told =
      "as this host's root has said itself, the root was changed after the backup that this host was restored from"
    try eventually("it says what happened, and what to do", within: .seconds(60)) {
      try first.weft("check").output.contains(told)
    }
    _ = try first.program.error.await("the same in the journal") {
      $0.contains("restore authority.key and mesh.settings of after that change") ? true : nil
    }
    // What is its own it serves.
    try first.weft("register", "--name", "own", "--port", "8080").orThrow()
    #expect(try scene.knows(0, ":8080"))
    #expect(try scene.fetch("own", on: 0).succeeded)
    // The others go on without it.
    try apply("meanwhile", on: scene.agents[2])
    try eventually("the second has it") { try knows(scene.agents[1], "meanwhile") }
    for agent in scene.agents[1...] {
      #expect(try HostsScene.roots(agent) == both.filter { $0 != old[0] }, "what it says of roots counts for nothing")
    }
    // What it said to do.
    try stop(first)
    try eventually("the others see that it is gone", within: .seconds(30)) {
      try !HostsScene.members(scene.agents[1]).contains { $0.name == "h1" && $0.isAlive }
    }
    try FileManager.default.removeItem(atPath: data(first))
    let again = try AgentUnderTest(
      in: scene.link.pods[0],
      ["--host-name", "h1", "--join", try scene.token(of: 1)],
      through: { _ in clocks.wrapper("all") }
    )
    for name in ["late", "meanwhile"] { try eventually("it has \(name) again") { try knows(again, name) } }
    #expect(try HostsScene.roots(again) == both.filter { $0 != old[0] })
    try apply("after", on: again)
    for agent in scene.agents[1...] { try eventually("the others have what it writes") { try knows(agent, "after") } }
  }

  @Test("has its records from the others where only its database is lost, and keeps its role")
  func database() throws {
    let scene = try HostsScene(2)
    try scene.grant(1)
    let second = scene.agents[1]
    try apply("kept", on: second)
    let address = "\(scene.link.ends[1].v4):8080"
    try second.weft("register", "--name", "web", "--port", "8080").orThrow()
    try eventually("the first has both") { try knows(scene.agents[0], "kept") && scene.knows(0, address) }
    let members = try HostsScene.members(second).map(\.owner)
    try second.crash()
    for suffix in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: "\(data(second))/weft.db\(suffix)")
    }
    try second.restart()
    try eventually("its document is back") { try knows(second, "kept") }
    // What it does not know that it runs it does not say that it runs, until the program registers again.
    try eventually("the first knows its endpoint no more") { try !scene.knows(0, address) }
    try second.weft("register", "--name", "web", "--port", "8080").orThrow()
    try eventually("the first knows it again") { try scene.knows(0, address) }
    #expect(try HostsScene.members(second).map(\.owner) == members)
    #expect(try scene.authorities(1).contains { $0.name == "h2" && $0.signsUntilS > 0 })
    _ = try scene.token(of: 1)
    try apply("after", on: second)
    try eventually("the first hears what it writes") { try knows(scene.agents[0], "after") }
  }

  @Test("had the root, and no backup: what the others show of the documents makes the next mesh's")
  func withoutBackup() throws {
    let scene = try HostsScene(2)
    for name in ["one", "two"] { try apply(name, on: scene.agents[0]) }
    try eventually("the second has them") { try knows(scene.agents[1], "one") && knows(scene.agents[1], "two") }
    try scene.agents[0].crash()
    let all = ["get", "all", "-A", "-o", "yaml"]
    let documents = try scene.agents[1].weft(all).orThrow().output
    try scene.agents[1].crash()
    let first = try AgentUnderTest(in: scene.link.pods[0], ["--host-name", "h1"])
    try first.weft("apply", "-f", "-", input: documents).orThrow()
    struct Told: Decodable { let token: String }
    let token = try JSONDecoder().decode(
      Told.self,
      from: Data(first.weft("token", "create", "-o", "json").orThrow().output.utf8)
    ).token
    let second = try AgentUnderTest(in: scene.link.pods[1], ["--host-name", "h2", "--join", token])
    for name in ["one", "two"] { try eventually("the second has \(name)") { try knows(second, name) } }
  }
}
