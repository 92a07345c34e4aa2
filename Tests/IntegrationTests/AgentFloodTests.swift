import Foundation
import MeshModel
import Testing
import WeftTestKit

/// One user of a host floods its agent by PyPI's grpcio, while another registers what it runs and a proxy is told of it.
@Suite("A flood of one user's", .timeLimit(.minutes(5)))
struct AgentFloodTests {
  private let scene: AgentScene
  private static let (flooder, other) = (WorkloadScene.web, WorkloadScene.other)

  init() throws {
    scene = try AgentScene()
    try scene.web()
    #expect(try scene.answer("http://\(try scene.address(of: "web"))/", becomes: "hello 200") == "hello 200")
  }

  private struct Said: Decodable {
    let codes: [String: Int]
    let reasons: [String: Int]
  }

  private func flood(_ arguments: String...) throws -> RunningProgram {
    let script = "\(Binaries.repository)/Tests/IntegrationTests/Programs/agent_flood.py"
    return try Command(WorkloadScene.python, [script, scene.agent.socket] + arguments)
      .with(\.uid, Self.flooder).with(\.descriptorLimit, 4_096).with(\.keepsInputOpen, true).start()
  }

  private func said(_ program: RunningProgram) throws -> Said {
    let line = try program.output.await("what came of it", within: .seconds(180)) { text in
      text.contains("\n") ? text : nil
    }
    return try JSONDecoder().decode(Said.self, from: Data(line.utf8))
  }

  /// Another user registers a service, its check passes, and the client reaches it: as long as the flood goes on, once at least.
  /// Each step is awaited for as long as any is; how soon it comes is the machine's matter.
  private func serve(while program: RunningProgram) throws {
    var number = 0
    repeat {
      let (name, port) = ("other\(number)", UInt16(8_100 + number))
      let server = try WebServer(in: scene.pods.server, on: scene.pods.serverEnd.v4, port: port, answer: name)
      defer { withExtendedLifetime(server) {} }
      var register = Command(
        try Binaries.path("weft"),
        ["register", "--name", name, "--port", "\(port)", "--address", "\(scene.pods.serverEnd.v4)", "--check", "tcp"]
      )
      register.environment["WEFT_AGENT_SOCKET"] = scene.agent.socket
      register.uid = Self.other
      try register.run().orThrow()
      let url = "http://\(try scene.address(of: name))/"
      #expect(try scene.answer(url, becomes: "\(name) 200") == "\(name) 200")
      number += 1
    } while program.output.text.isEmpty && number < 50
  }

  private func count(_ name: String) throws -> Int { try AgentStatus(scene.agent).counters[name, default: 0] }

  /// Resident memory of the agent in KiB: now, or the most it ever was.
  private func memory_KiB(_ field: String) throws -> Int {
    let status = try String(contentsOfFile: "/proc/\(scene.agent.program.pid)/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("\(field):") })
    return try #require(Int(line.split { !$0.isNumber }.joined()))
  }

  private func tells(_ text: String) throws {
    try scene.agent.program.error.await(text)
  }

  /// What a flood may cost: the agent's own bounds for users' requests, what 500 services take, and room for a debug build.
  private static let growth_KiB = 256 << 10

  @Test("registrations takes half of the places and no more; others' are taken and told to proxies meanwhile")
  func registrations() throws {
    let before_KiB = try memory_KiB("VmRSS")
    let program = try flood("register", "4000")
    try serve(while: program)
    let said = try said(program)
    #expect((400...500).contains(said.codes["OK", default: 0]) && said.codes.count == 2, "\(said)")
    #expect(said.codes["RESOURCE_EXHAUSTED", default: 0] >= 3_500, "\(said)")
    let reasons = said.reasons.keys.joined(separator: "\n")
    #expect(reasons.contains("user N has N registrations, and N more are free on this host: those are for other users"))
    #expect(reasons.contains("user N changes registrations too often; N a second are taken"), "\(reasons)")
    #expect(try count("registrations_refused") == said.codes["RESOURCE_EXHAUSTED"])
    try tells("user \(Self.flooder) was refused: user \(Self.flooder) has ")
    #expect(try memory_KiB("VmHWM") - before_KiB < Self.growth_KiB)
    // Its own are its own still, and are there after a restart.
    try scene.agent.crash()
    try scene.agent.restart()
    #expect(try scene.agent.weft("services").orThrow().output.contains("s399"))
  }

  @Test("reports that a service is well and not well costs the mesh no more than its changes do")
  func reports() throws {
    let program = try flood("reports", "8000")
    try serve(while: program)
    let said = try said(program)
    #expect(said.codes["RESOURCE_EXHAUSTED", default: 0] > 0, "\(said)")
    #expect(try count("reports_refused") == said.codes["RESOURCE_EXHAUSTED"])
    try tells("user \(Self.flooder) was refused: user \(Self.flooder) changes registrations too often")
  }

  @Test("large requests is refused beyond its share of the agent's memory, and others' are served")
  func large() throws {
    let before_KiB = try memory_KiB("VmRSS")
    let program = try flood("large", "600", "\(4_000_000)")
    try serve(while: program)
    let said = try said(program)
    #expect(said.codes["RESOURCE_EXHAUSTED", default: 0] > 100, "\(said)")
    #expect(said.reasons.keys.contains { $0.contains("user N has N bytes of requests under way, and may have N") })
    #expect(try count("requests_refused") >= 100)
    try tells("user \(Self.flooder) has ")
    #expect(try memory_KiB("VmHWM") - before_KiB < Self.growth_KiB)
  }

  @Test("connections leaves room for others', and is counted")
  func connections() throws {
    let program = try flood("connect", "1500")
    let said = try said(program)
    #expect(said.codes == ["open": 1_280, "closed": 220], "\(said)")
    try serve(while: program)
    #expect(try count("callers_refused") == 220)
    try tells("user \(Self.flooder) has 1280 connections open, which is all that it may have")
    program.closeInput()
    _ = try program.waitForExit()
    let again = try flood("register", "1")
    #expect(try self.said(again).codes == ["OK": 1], "its connections are its own again once they are closed")
  }
}
