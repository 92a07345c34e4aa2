import Foundation
import MeshModel
import Testing
import WeftTestKit

@Suite("A disk that was copied after its host had joined", .timeLimit(.minutes(10)))
struct CopiedDiskHostTests {
  private let scene: HostsScene
  private let image: TemporaryDirectory
  private var original: AgentUnderTest { scene.agents[1] }

  /// Three hosts; the image is of the second's disk while it was off.
  init() throws {
    scene = try HostsScene(3, pods: 1)
    image = try TemporaryDirectory()
    let original = scene.agents[1]
    try original.weft("apply", "-f", "-", input: Self.policy("deleted")).orThrow()
    original.program.signal(SIGTERM)
    _ = try original.program.waitForExit()
    try Command("cp", ["-a", original.directory.file("data"), image.path]).run().orThrow()
    try original.restart()
    for agent in scene.agents {
      try eventually("all three are there again") { try HostsScene.members(agent).filter(\.isAlive).count == 3 }
    }
  }

  private static func policy(_ name: String) -> String {
    Documents.authorization(name, "AUDIT", rules: "[{to: [{operation: {methods: [GET]}}]}]")
  }

  private func apply(_ name: String, on agent: AgentUnderTest) throws {
    try agent.weft("apply", "-f", "-", input: Self.policy(name)).orThrow()
  }

  private func knows(_ agent: AgentUnderTest, _ name: String) throws -> Bool {
    try agent.weft("get", "authz").orThrow().output.contains(name)
  }

  @Test(
    "makes two hosts of one key: both say so and what to do, the one that came later is silent, and nothing of the other's is lost"
  )
  func copied() throws {
    try apply("late", on: original)
    try original.weft("delete", "authz", "deleted").orThrow()
    try original.weft("register", "--name", "web", "--port", "8080").orThrow()
    let (own, other) = ("\(scene.link.ends[1].v4)", "\(scene.link.ends[3].v4)")
    for host in [0, 2] { try eventually("the others know it all") { try isWhole(host, own) } }

    let copy = try AgentUnderTest(
      in: scene.link.pods[3],
      ["--host-name", "h2"],
      through: { directory in
        try Command("cp", ["-a", image.file("data"), directory.path]).run().orThrow()
        return []
      }
    )
    for (agent, address) in [(original, other), (copy, own)] {
      let told = "two hosts have the name h2 and one key: this one and the one at \(address)"
      try eventually("the host beside \(address) says it", within: .seconds(60)) {
        try agent.weft("check").output.contains(told)
      }
      _ = try agent.program.error.await("so does its journal") { $0.contains(told) ? true : nil }
    }
    for host in [0, 2] {
      try eventually("host \(host + 1) says whose name it is", within: .seconds(60)) {
        try scene.agents[host].weft("check").output.contains("two hosts are called h2")
      }
    }
    let refusal = "The others reach that one, so this one tells them nothing and takes no documents"
    try eventually("the copy is silent", within: .seconds(60)) { try copy.weft("check").output.contains(refusal) }
    let applied = try copy.weft("apply", "-f", "-", input: Self.policy("of-the-copy"))
    #expect(!applied.succeeded && applied.error.contains(refusal), "\(applied)")
    try apply("after", on: original)
    for host in [0, 2] {
      try eventually("host \(host + 1) has all of the original's") {
        try isWhole(host, own) && knows(scene.agents[host], "after")
      }
    }
    #expect(try isWhole(1, own))

    // What it said to do.
    copy.program.signal(SIGTERM)
    _ = try copy.program.waitForExit()
    try scene.join(3, scene.token())
    for agent in scene.agents {
      try eventually("four hosts are there") { try HostsScene.members(agent).filter(\.isAlive).count == 4 }
    }
    try apply("of-the-new-one", on: scene.agents[3])
    for host in 0..<4 {
      try eventually("host \(host + 1) has everybody's") {
        try isWhole(host, own) && knows(scene.agents[host], "after") && knows(scene.agents[host], "of-the-new-one")
      }
    }
  }

  /// Whether a host knows what the original wrote after its disk was copied.
  private func isWhole(_ host: Int, _ address: String) throws -> Bool {
    let agent = scene.agents[host]
    return try knows(agent, "late") && !knows(agent, "deleted") && scene.knows(host, "\(address):8080")
  }
}
