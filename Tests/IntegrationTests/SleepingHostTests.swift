import Foundation
import MeshModel
import Testing
import WeftTestKit

/// docs/hosts.md, "The authority": who was off comes back by its key, within a week, also where the root was replaced meanwhile.
@Suite("A host that is off while the root is replaced", .timeLimit(.minutes(10)))
struct SleepingHostTests {
  private let clocks: SkewedClocks
  private let scene: HostsScene
  private var first: AgentUnderTest { scene.agents[0] }

  init() throws {
    clocks = try SkewedClocks("all")
    scene = try HostsScene(4, wrapper: clocks.wrapper("all"))
    try scene.grant(1)
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

  /// The first host goes through the change of the root alone, by the steps of docs/identity.md; the root that follows.
  private func replaceRoot() throws -> String {
    let old = try HostsScene.roots(first)
    try first.weft("identity", "rotate", "--root").orThrow()
    let both = try HostsScene.roots(first)
    // The new one signs after 49 h, and the old one leaves 49 h after that.
    for (hours, expected) in [(50, Set(both)), (100, Set(both).subtracting(old))] {
      try first.crash()
      try clocks.set("all", hours: hours)
      try first.restart()
      try eventually("the roots of \(hours) hours later", within: .seconds(90)) {
        try Set(HostsScene.roots(first)) == expected
      }
    }
    return try #require(Set(both).subtracting(old).first)
  }

  @Test(
    "is back by itself, with the roots of now, its role and all that was written; more than a week later it says that it has to join anew"
  )
  func sleepers() throws {
    for agent in scene.agents[1...] { try agent.crash() }
    let root = try replaceRoot()
    try apply("late", on: first)
    // One that signs for others, by an intermediate of the old root's, and one that does not.
    for (number, agent) in [(2, scene.agents[1]), (3, scene.agents[2])] {
      try agent.restart()
      try eventually("host \(number) has the new root alone", within: .seconds(120)) {
        try HostsScene.roots(agent) == [root]
      }
      try eventually("it has what was written meanwhile", within: .seconds(90)) { try knows(agent, "late") }
      try apply("of-\(number)", on: agent)
      try eventually("the first has what it writes", within: .seconds(90)) { try knows(first, "of-\(number)") }
      try eventually("all is well with it", within: .seconds(120)) {
        let check = try agent.weft("check").output
        return !check.contains("root that this host does not know") && !check.contains("is alone")
      }
    }
    try eventually("the second signs again", within: .seconds(120)) {
      try scene.authorities(1).contains { $0.name == "h2" && $0.signsUntilS > 0 }
    }
    #expect(try scene.fetch("shop", on: 2).succeeded)

    for agent in scene.agents[0..<3] { try agent.crash() }
    try clocks.set("all", hours: 100 + 8 * 24)
    try first.restart()
    let last = scene.agents[3]
    try last.restart()
    let anew = "to join anew, empty the data directory and start the agent with --join and a token"
    try eventually("the fourth says what to do", within: .seconds(120)) { try last.weft("check").output.contains(anew) }
    _ = try last.program.error.await("the same in its journal") { $0.contains(anew) ? true : nil }
    try last.weft("register", "--name", "own", "--port", "8080").orThrow()
    #expect(try scene.knows(3, ":8080"), "its own programs are served")
  }
}
