import Foundation
import MeshModel
import Testing
import WeftTestKit

@Suite("Hosts of one mesh")
struct AgentHostsTests {
  @Test("know within a second what one of them registers, and that it is gone")
  func register() throws {
    let scene = try HostsScene(3)
    let address = "\(scene.link.ends[1].v4):8080"
    try scene.agents[1].weft("register", "--name", "web", "--port", "8080").orThrow()
    for host in 0..<3 {
      try eventually("host \(host + 1) knows the endpoint", within: .seconds(5)) { try scene.knows(host, address) }
    }
    try scene.agents[1].weft("deregister", "web").orThrow()
    for host in 0..<3 {
      try eventually("host \(host + 1) has forgotten the endpoint", within: .seconds(5)) {
        try !scene.knows(host, address)
      }
    }
  }

  @Test("carry a client of one to a server of another by name, and deny by a policy that a third applies")
  func traffic() throws {
    let scene = try HostsScene(3, pods: 2)
    let (client, server) = (scene.link.pods[3], scene.link.pods[4])
    try Redirect.apply(to: client, inbound: nil)
    try Redirect.apply(to: server)
    let options = { (host: Int, app: String) in
      ProxyUnderTest.Options("--agent", scene.agents[host].socket, "--labels", "app=\(app)")
    }
    let proxies = [
      try ProxyUnderTest(in: client, options(0, "client")), try ProxyUnderTest(in: server, options(1, "web")),
    ]
    defer { _ = proxies }
    let end = scene.link.ends[4]
    let web = try WebServer(in: server, on: end.v4, port: 8080, answer: "hello")
    defer { _ = web }
    try scene.agents[1].weft("register", "--name", "web", "--port", "8080", "--address", "\(end.v4)", "--check", "tcp")
      .orThrow()
    let name = try scene.virtualAddress(of: "web")
    func status() throws -> String {
      try Command(
        "curl",
        ["-sS", "--max-time", "5", "-o", "/dev/null", "-w", "%{http_code}", "http://\(name)/"]
      ).with(\.pod, client).run().output
    }
    // A virtual address is routed by the proxy, and the kernel wants a way to it first.
    try client.ip("route", "add", "default", "via", "\(end.v4)")
    try eventually("the client reaches the server") { try status() == "200" }
    let deny = Documents.authorization("no-get", "DENY", rules: "[{to: [{operation: {methods: [GET]}}]}]")
    try scene.agents[2].weft("apply", "-f", "-", input: deny).orThrow()
    try eventually("the client is denied", within: .seconds(5)) { try status() == "403" }
    try scene.agents[0].weft("delete", "authorizationpolicy", "no-get").orThrow()
    try eventually("the client is served again", within: .seconds(5)) { try status() == "200" }
  }

  @Test("take a host's endpoints away within ten seconds of its death, and have them again when it is back")
  func death() throws {
    let scene = try HostsScene(3)
    let address = "\(scene.link.ends[1].v4):8080"
    try scene.agents[1].weft("register", "--name", "web", "--port", "8080").orThrow()
    for host in [0, 2] { try eventually("host \(host + 1) knows it") { try scene.knows(host, address) } }
    try scene.agents[1].crash()
    for host in [0, 2] {
      try eventually("host \(host + 1) takes it away", within: .seconds(10)) { try !scene.knows(host, address) }
    }
    // With the token in its arguments, as a unit would start it.
    try scene.agents[1].restart()
    for host in [0, 2] {
      try eventually("host \(host + 1) has it again", within: .seconds(20)) { try scene.knows(host, address) }
    }
  }

  @Test(
    "go on when one is cut off, and have what both sides wrote when it is back; one document's two versions are shown"
  )
  func partition() throws {
    let scene = try HostsScene(3)
    func policy(_ name: String, _ action: String) -> String {
      Documents.authorization(name, action, rules: "[{to: [{operation: {methods: [GET]}}]}]")
    }
    func documents(_ host: Int) throws -> String { try scene.agents[host].weft("get", "authz").orThrow().output }
    try scene.link.cutOff(2)
    try eventually("the two see the third fail", within: .seconds(15)) {
      try HostsScene.members(scene.agents[0]).contains { $0.name == "h3" && $0.status == "failed" }
    }
    try scene.agents[0].weft("apply", "-f", "-", input: policy("ours", "DENY")).orThrow()
    try scene.agents[0].weft("apply", "-f", "-", input: policy("both", "DENY")).orThrow()
    try scene.agents[2].weft("apply", "-f", "-", input: policy("theirs", "DENY")).orThrow()
    try scene.agents[2].weft("apply", "-f", "-", input: policy("both", "AUDIT")).orThrow()
    try eventually("the second has the first's") { try documents(1).contains("ours") }
    #expect(try !documents(1).contains("theirs"))
    try scene.link.reconnect(2)
    for host in 0..<3 {
      try eventually("host \(host + 1) has all", within: .seconds(40)) {
        let list = try documents(host)
        return ["ours", "theirs", "both"].allSatisfy(list.contains)
      }
    }
    for host in 0..<3 {
      try eventually("host \(host + 1) has the later version of what both wrote, and knows of the other") {
        let shown = try scene.agents[host].weft("get", "authz", "both", "-o", "json").orThrow().output
        return shown.contains("AUDIT")
      }
      let list = try scene.agents[host].weft("get", "authz", "both").orThrow()
      #expect((list.output + list.error).contains("h1"), "the version that lost is h1's: \(list.output)\(list.error)")
    }
  }

  @Test(
    "let nobody in by a token that is used, another mesh's, damaged or for another name, nor under a name that is taken"
  )
  func refusals() throws {
    let scene = try HostsScene(2, pods: 2)
    let (stranger, elsewhere) = (scene.link.pods[2], scene.link.pods[3])
    let used = try scene.token()
    let third = try AgentUnderTest(in: stranger, ["--host-name", "h3", "--join", used])
    third.program.signal(SIGTERM)
    _ = try third.program.waitForExit(within: .seconds(10))
    func refusal(_ token: String, name: String = "stranger") throws -> String {
      let outcome = try scene.refusedJoin(in: stranger, token, name: name)
      #expect(outcome.code != 0)
      return outcome.error
    }
    #expect(try refusal(used).contains("has been used"))
    #expect(try refusal(scene.token("--host", "h9")).contains("is for the host h9"))
    #expect(try refusal(scene.token(), name: "h2").contains("a host called h2 is in the mesh and alive"))
    #expect(try refusal("weft-join-v1.damaged").contains("parts after its prefix"))
    // A foreign agent at the address that the token names: its root is another.
    let foreign = try AgentUnderTest(in: elsewhere, ["--host-name", "h1"])
    let other = try foreign.weft("token", "create", "-o", "json").orThrow().output
    let text = try #require(other.split(separator: "\"").first { $0.hasPrefix("weft-join-v1.") }).description
    let own = try scene.token()
    let parts = [text, own].map { $0.split(separator: ".") }
    let crossed = (parts[1].prefix(3) + [parts[0][3]]).joined(separator: ".")
    #expect(try refusal(crossed).contains("another root than the token pins"))
    // Made up by who knows the root and the address, and nothing of the secret.
    let made = Data((0..<32).map { _ in UInt8.random(in: 0...255) }).base64EncodedString()
      .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    #expect(try refusal("\(parts[1][0]).\(made).\(parts[1][2]).\(parts[1][3])").contains("token"))
    #expect(try scene.count(0, "peers_joins_refused") == 4)
    try scene.agents[0].program.error.await("was refused a call of Join: ")
    #expect(try HostsScene.members(scene.agents[0]).filter(\.isAlive).count == 2)
  }

  @Test("have certificates signed by the one that has the authority, and say so when it is gone")
  func signing() throws {
    let scene = try HostsScene(2)
    let roots = try scene.agents.map(HostsScene.roots)
    #expect(roots[0] == roots[1] && roots[0].count == 1)
    let refused = try scene.agents[1].weft("token", "create")
    #expect(refused.code != 0)
    #expect(refused.error.contains("this host is no authority"))
    let given = try scene.fetch("shop", on: 1)
    #expect(given.output.contains("spiffe://weft.local/ns/default/sa/shop"), "\(given)")
    try scene.agents[0].crash()
    #expect(try scene.fetch("shop", on: 1).succeeded, "what it has serves on")
    let late = try scene.fetch("late", on: 1)
    #expect(!late.succeeded)
    #expect((late.output + late.error).contains("no host would sign"), "\(late)")
  }

  @Test("forget one that will not come back, and none that is alive")
  func forget() throws {
    let scene = try HostsScene(2)
    try scene.agents[1].weft("register", "--name", "web", "--port", "8080").orThrow()
    try eventually("the first has its record") {
      try HostsScene.members(scene.agents[0]).contains { $0.name == "h2" && $0.records == 1 }
    }
    let refused = try scene.agents[0].weft("forget", "h2")
    #expect(refused.code != 0 && refused.error.contains("h2 is alive"))
    try scene.agents[1].crash()
    try eventually("it is dead", within: .seconds(15)) {
      try HostsScene.members(scene.agents[0]).contains { $0.name == "h2" && $0.status == "failed" }
    }
    #expect(try scene.agents[0].weft("forget", "h2").orThrow().output.contains("1 record dropped"))
    #expect(try scene.agents[0].weft("forget", "nobody").error.contains("no host called nobody is known"))
  }

  @Test("lose nothing to one who has the gossip key alone: it is a member that owns no record and signs for nobody")
  func stolenKey() throws {
    let scene = try HostsScene(2, pods: 1)
    let address = "\(scene.link.ends[1].v4):8080"
    try scene.agents[1].weft("register", "--name", "web", "--port", "8080").orThrow()
    try eventually("the first has the endpoint") { try scene.knows(0, address) }
    let key = try Data(contentsOf: URL(fileURLWithPath: scene.agents[0].directory.file("data/gossip.key")))
    let (own, first) = (scene.link.ends[2].v4, scene.link.ends[0].v4)
    // The second host's key fingerprint, and the authority's role, both claimed by gossip.
    let claimed = String(repeating: "5a", count: 32)
    let ghost = try Command(
      "serf",
      [
        "agent", "-node=ghost", "-bind=\(own):7946", "-encrypt=\(key.base64EncodedString())", "-join=\(first):7946",
        "-tag", "fp=\(claimed)", "-tag", "addr=\(own):15012", "-tag", "role=authority", "-tag", "v=1",
      ]
    ).with(\.pod, scene.link.pods[2]).start()
    defer { ghost.kill() }
    // Another one, which says nothing of itself.
    let mute = try Command(
      "serf",
      ["agent", "-node=mute", "-bind=\(own):7947", "-rpc-addr=127.0.0.1:7374", "-encrypt=\(key.base64EncodedString())"]
        + ["-join=\(first):7946"]
    ).with(\.pod, scene.link.pods[2]).start()
    defer { mute.kill() }
    try eventually("it is refused, counted and told") {
      try scene.count(0, "members_refused") > 0
        && scene.agents[0].program.error.text.contains("mute gossips and is no host of the mesh")
    }
    for host in 0..<2 {
      try eventually("host \(host + 1) sees the ghost") {
        try HostsScene.members(scene.agents[host]).contains { $0.name == "ghost" && $0.isAlive && !$0.isAuthority }
      }
    }
    // What it says of its role counts for nothing beside the roster, which a root has signed.
    #expect(try scene.fetch("shop", on: 1).succeeded)
    #expect(try scene.knows(0, address))
    #expect(try HostsScene.members(scene.agents[0]).first { $0.name == "ghost" }?.records == 0)
    let members = try HostsScene.members(scene.agents[1])
    #expect(members.filter(\.isAlive).count == 3)
    try scene.agents[1].weft("register", "--name", "late", "--port", "8081").orThrow()
    try eventually("records go on") { try scene.agents[0].weft("services").orThrow().output.contains("late") }
  }
}
