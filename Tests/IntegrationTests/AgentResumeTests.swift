import Foundation
import MeshModel
import Testing
import WeftTestKit

/// A proxy that knows many services while its agent is started anew.
@Suite("A proxy's stream after its agent's restart")
struct AgentResumeTests {
  /// Services that the client has asked for: as many as a busy pod talks to.
  private static let services = 40

  /// What the client's proxy is subscribed to.
  private func subscriptions(_ scene: AgentScene) throws -> Int? {
    try AgentStatus(scene.agent).proxies.first { $0.pid == scene.client.program.pid }?.subscriptions
  }

  /// The text of a service file: a service of its own port for each number, all answered by one server.
  private func file(_ ports: [Int], at address: IPAddress) -> String {
    ports.enumerated().map { "---\n{name: s\($0), port: \($1), address: \"\(address)\"}\n" }.joined()
  }

  @Test("brings what changed meanwhile, and nothing that the proxy has already")
  func resume() throws {
    let scene = try AgentScene()
    let server = try WebServer(in: scene.pods.server, on: scene.pods.serverEnd.v4, port: 9_000, answer: "hello")
    let other = try WebServer(in: scene.pods.server, on: scene.pods.serverEnd.v4, port: 9_100, answer: "moved")
    defer { withExtendedLifetime((server, other)) {} }
    // Two ports of one address have two owners, so each service is at a port of its own; only two of them are asked for more than
    // their name.
    var ports = (0..<Self.services).map { 9_000 + $0 }
    try scene.agent.directory.write("services/all.yaml", file(ports, at: scene.pods.serverEnd.v4))
    let last = "s\(Self.services - 1)"
    try eventually("all are there") { try scene.agent.weft("services").orThrow().output.contains(last) }
    for number in 0..<Self.services {
      _ = try scene.get("http://\(try scene.address(of: "s\(number)"))/", "-o", "/dev/null")
    }
    let first = "http://\(try scene.address(of: "s0"))/"
    #expect(try scene.get(first) == "hello 200")
    let known = try #require(try subscriptions(scene))
    #expect(known >= 3 * Self.services, "the lookup, the service and the endpoints of each: \(known)")
    let before = try AgentStatus(scene.agent).counters["pushed_resources", default: 0]
    #expect(before >= 3 * Self.services)

    try scene.agent.crash()
    var told = scene.client.records.count
    try scene.agent.restart()
    try scene.client.record("that the agent is back", after: told) { $0["EVENT"] == "agent-connected" }
    try eventually("it is subscribed to all again") { try subscriptions(scene) == known }
    // A service that is new, and which the proxy asks for, comes behind whatever else there was to send.
    try scene.web("new", port: 8_080, answer: "new")
    #expect(try scene.answer("http://\(try scene.address(of: "new"))/", becomes: "new 200") == "new 200")
    let again = try AgentStatus(scene.agent).counters["pushed_resources", default: 0]
    // The lookup, the service and its endpoints for the client's proxy, the service and the policies for the server's, and some of
    // it once more as the check passed.
    #expect(again <= 16, "\(again) resources were sent where \(known) are known")

    try scene.agent.crash()
    ports[0] = 9_100
    ports[1] = 9_101
    try scene.agent.directory.write("services/all.yaml", file(ports, at: scene.pods.serverEnd.v4))
    told = scene.client.records.count
    try scene.agent.restart()
    try scene.client.record("that the agent is back", after: told) { $0["EVENT"] == "agent-connected" }
    #expect(try scene.answer(first, becomes: "moved 200") == "moved 200")
    let changed = try AgentStatus(scene.agent).counters["pushed_resources", default: 0]
    // Of each of the two, to each of the two proxies: the service, its endpoints, and what stands behind their addresses.
    #expect((2...24).contains(changed), "\(changed) resources were sent for two services that changed")
  }
}
