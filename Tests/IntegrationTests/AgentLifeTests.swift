import Foundation
import MeshModel
import Testing
import WeftTestKit

@Suite("An agent's life")
struct AgentLifeTests {
  @Test("ends in order when told to, though proxies' streams never end by themselves")
  func terminate() throws {
    let scene = try AgentScene()
    let told = scene.client.records.count
    scene.agent.program.signal(SIGTERM)
    #expect(try scene.agent.program.waitForExit() == 0)
    try scene.client.record("that the agent is lost", after: told) { $0["EVENT"] == "agent-lost" }
    #expect(FileManager.default.fileExists(atPath: scene.agent.socket) == false)
  }

  @Test("leaves its policies with the proxies: a denial holds where a proxy starts and no agent is there")
  func kept() throws {
    let scene = try AgentScene()
    try scene.web()
    let deny = Documents.authorization("no-get", "DENY", rules: "[{to: [{operation: {methods: [GET]}}]}]")
    try scene.agent.weft("apply", "-f", "-", input: deny).orThrow()
    let direct = "http://\(scene.pods.serverEnd.v4):8080/"
    #expect(try scene.answer(direct, becomes: " 403", "-o", "/dev/null") == " 403")
    let kept = scene.server.runDirectory.file("proxy-\(scene.server.name).snapshot")
    try eventually("the policies are kept") {
      (try? String(contentsOfFile: kept, encoding: .utf8))?.contains("no-get") == true
    }
    try scene.agent.crash()
    scene.server.program.kill()
    _ = try scene.server.program.waitForExit()
    var options = ProxyUnderTest.Options("--agent", scene.agent.socket, "--labels", "app=web")
    options.runDirectory = scene.server.runDirectory
    options.name = scene.server.name
    let again = try ProxyUnderTest(in: scene.pods.server, options)
    #expect(try scene.get(direct, "-o", "/dev/null") == " 403")
    try again.record("that they are the last ones") {
      $0["EVENT"] == "snapshot-loaded" && $0["MESSAGE"]?.contains("sent last") == true
    }
  }

  @Test("does not start on a damaged database, says what to do, and when that is done is in its mesh with its roots")
  func damaged() throws {
    let pod = try Pod()
    let agent = try AgentUnderTest(
      in: pod,
      ["--host-name", "one", "--mesh", "first", "--trust-domain", "first.example"]
    )
    try agent.directory.write("services/web.yaml", "{name: web, port: 8080, addresses: [192.0.2.1]}")
    try eventually("the file's service") { try agent.weft("services").orThrow().output.contains("web") }
    try agent.weft("register", "--name", "own", "--port", "80", "--address", "192.0.2.1").orThrow()
    let identity = try agent.weft("identity", "show", "-o", "json").orThrow().output
    let members = try HostsScene.members(agent).map(\.owner)
    #expect(identity.contains("first.example") && members.map(\.name) == ["one"])
    agent.program.signal(SIGTERM)
    _ = try agent.program.waitForExit()
    let database = URL(fileURLWithPath: agent.directory.file("data/weft.db"))
    var bytes = try Data(contentsOf: database)
    for index in stride(from: 4_096, to: bytes.count, by: 7) { bytes[index] ^= 0x5a }
    try bytes.write(to: database)
    let failure = #expect(throws: TestKitError.self) { try agent.restart() }
    #expect("\(try #require(failure))".contains("weft-agent recover"))
    let recovered = try Command(Binaries.path("weft-agent"), ["recover", "--data-dir", agent.directory.file("data")])
      .run().orThrow()
    #expect(recovered.output.contains("weft.db.corrupt-"))
    try agent.restart()
    #expect(try agent.weft("identity", "show", "-o", "json").orThrow().output == identity)
    #expect(try HostsScene.members(agent).map(\.owner) == members)
    try eventually("the file's service") { try agent.weft("services").orThrow().output.contains("web") }
    #expect(try !agent.weft("services").orThrow().output.contains("own"))
  }

  @Test("tells what it counts as Prometheus text, on loopback, from when it says that it is ready")
  func metrics() throws {
    let pod = try Pod()
    let agent = try AgentUnderTest(in: pod, ["--metrics-port", "15014"])
    try agent.weft("register", "--name", "web", "--port", "80").orThrow()
    func get(_ path: String) throws -> String {
      try Command("curl", ["-sS", "--fail", "--max-time", "30", "http://127.0.0.1:15014\(path)"])
        .with(\.pod, pod).run().orThrow().output
    }
    #expect(try get("/ready") == "ready\n")
    let text = try get("/metrics")
    #expect(text.contains("\nweft_agent_services 1\n"))
    #expect(text.contains("# TYPE weft_agent_info gauge\nweft_agent_info{version=\""))
    for _ in 0..<5 {
      try agent.crash()
      try agent.restart()
      #expect(try get("/live") == "alive\n")
    }
  }

  @Test("is ready, too, where the port for its metrics is another program's, and says so")
  func metricsPortTaken() throws {
    let pod = try Pod()
    let other = try PodListener(in: pod, on: SocketAddress(IPAddress(v4: 0x7f00_0001), port: 15014))
    defer { _ = other }
    let agent = try AgentUnderTest(in: pod, ["--metrics-port", "15014"])
    _ = try agent.program.error.await("that metrics are not served") {
      $0.contains("metrics are not served, all else is: 127.0.0.1:15014") ? true : nil
    }
    try agent.weft("register", "--name", "web", "--port", "80", "--address", "192.0.2.1").orThrow()
  }

  @Test("does not share its directory: a second one ends and names the first")
  func shared() throws {
    let pod = try Pod()
    let agent = try AgentUnderTest(in: pod)
    let second = try Command(
      Binaries.path("weft-agent"),
      [
        "run", "--data-dir", agent.directory.file("data"), "--run-dir", agent.directory.file("other"), "--log",
        "stderr",
      ]
    ).with(\.pod, pod).run()
    #expect(second.code == 1)
    #expect(second.error.contains("in use by the agent with pid \(agent.program.pid)"))
  }
}
