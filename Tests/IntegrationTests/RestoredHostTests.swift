import Foundation
import MeshModel
import Testing
import WeftTestKit

/// The steps of docs/operations.md, "The root's key".
@Suite("A host whose disk is lost")
struct RestoredHostTests {
  private func data(_ agent: AgentUnderTest) -> String { agent.directory.file("data") }

  private func policy(_ name: String) -> String {
    Documents.authorization(name, "AUDIT", rules: "[{to: [{operation: {methods: [GET]}}]}]")
  }

  private func apply(_ name: String, on agent: AgentUnderTest) throws {
    try agent.weft("apply", "-f", "-", input: policy(name)).orThrow()
  }

  private func knows(_ agent: AgentUnderTest, _ name: String) throws -> Bool {
    try agent.weft("get", "authz").orThrow().output.contains(name)
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
