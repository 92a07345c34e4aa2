import MeshModel
import Testing
import WeftTestKit

/// Documents, compiled by `weft`, in force in a running proxy, told again by `weft`.
@Suite("Network policy")
struct PolicyEnforcementTests {
  private let files: TemporaryDirectory

  init() throws { files = try TemporaryDirectory() }

  private var snapshot: String { files.file("snapshot.json") }

  /// Compiles the policy `default/p` with this spec into the snapshot.
  private func compile(_ spec: String) throws {
    let document = "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p}, spec: \(spec)}\n"
    try runWeft(["compile", "-f", try files.write("p.yaml", document), "-o", snapshot]).orThrow()
  }

  private var options: ProxyUnderTest.Options { .init("--snapshot", snapshot, "--labels", "app=web") }

  private func weft(_ scene: ProxyScene, _ arguments: String...) throws -> Outcome {
    try runWeft(arguments + ["--run-directory", scene.proxy.runDirectory.path])
  }

  @Test("that selects the workload and has no rule turns everybody away, and the record names it")
  func defaultDeny() throws {
    try compile("{podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}")
    let scene = try ProxyScene.inbound(options)
    let listener = try scene.listener()
    #expect(endsInReset(try scene.dial(listener.address)))
    let record = try scene.record(to: listener.address)
    #expect(record["EVENT"] == "connection-denied")
    #expect(record["VERDICT"] == "deny")
    #expect(record["POLICY"] == "default/p")
  }

  @Test("that selects other workloads changes nothing")
  func notSelected() throws {
    try compile("{podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress]}")
    let scene = try ProxyScene.inbound(options)
    let (client, server) = try scene.connection()
    try client.send("hello")
    #expect(try server.receive(exactly: 5) == "hello")
  }

  @Test("lets out what a rule allows and nothing else, by address, exception and port")
  func egress() throws {
    let pods = try TwoPods()
    let server = pods.serverEnd.v4
    try compile(
      """
      {podSelector: {}, policyTypes: [Egress],
       egress: [{to: [{ipBlock: {cidr: \(server)/32}}], ports: [{port: 8000, endPort: 8001}]},
                {to: [{ipBlock: {cidr: 0.0.0.0/0, except: [\(server)/32]}}]}]}
      """
    )
    try Redirect.apply(to: pods.client, inbound: nil)
    let scene = ProxyScene(pods: pods, proxy: try ProxyUnderTest(in: pods.client, options))
    for (port, isAllowed) in [(8000, true), (8001, true), (8002, false)] as [(UInt16, Bool)] {
      let listener = try PodListener(in: pods.server, on: SocketAddress(server, port: port))
      let client = try scene.dial(listener.address)
      guard isAllowed else {
        #expect(endsInReset(client))
        #expect(try scene.record(to: listener.address)["VERDICT"] == "deny")
        continue
      }
      try client.send("hello")
      #expect(try listener.accept().receive(exactly: 5) == "hello")
      client.close()
      let record = try scene.record(to: listener.address)
      #expect(record["VERDICT"] == "allow")
      #expect(record["POLICY"] == "default/p")
    }
  }

  @Test("that comes into force ends the live connections it forbids, and no other")
  func reload() throws {
    try compile("{podSelector: {}, policyTypes: [Egress], egress: [{}]}")
    let scene = try ProxyScene.outbound(options)
    let kept = try scene.connection()
    let ended = try scene.connection()
    let address = try #require(kept.client.peerAddress)
    try compile("{podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: \(address.port)}]}]}")
    #expect(endsInReset(ended.client))
    let record = try scene.proxy.record("of the ended connection") { $0["EVENT"] == "connection-ended-by-policy" }
    #expect(record["POLICY"] == "default/p")
    #expect(record["VERDICT"] == "deny")
    try kept.client.send("still here")
    #expect(try kept.server.receive(exactly: 10) == "still here")
  }

  @Test("that is broken is refused whole, the old one stays, and weft check says so")
  func refused() throws {
    try compile("{podSelector: {}, policyTypes: [Egress]}")
    let scene = try ProxyScene.outbound(options)
    #expect(try weft(scene, "check").code == 0)
    try files.write("snapshot.json", "{\"formatVersion\": 1, \"policies\": [}")
    try scene.proxy.record("of the refusal") { $0["EVENT"] == "snapshot-refused" }
    #expect(endsInReset(try scene.dial(try scene.listener().address)))
    let check = try weft(scene, "check")
    #expect(check.code == 1)
    #expect(check.output.contains("  ! it refused the last snapshot: \(snapshot): snapshot: "), "\(check)")
  }

  @Test("is told by weft for a live connection and for one that might be")
  func told() throws {
    try compile("{podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 1, endPort: 65000}]}]}")
    let scene = try ProxyScene.outbound(options)
    let (client, server) = try scene.connection()
    try client.send("hello")
    _ = try server.receive(exactly: 5)

    struct Listed: Decodable { let connections: [ConnectionReport] }
    let json = try weft(scene, "connections", "-o", "json").orThrow().output
    let lists = try AdminJSON.decode([Listed].self, from: Array(json.utf8))
    let connection = try #require(lists.first?.connections.first)
    #expect(connection.verdict.policy == "default/p" && connection.verdict.rule == "egress[0]")
    #expect(connection.bytesReceived == 5)

    let live = try weft(scene, "explain", connection.id).orThrow().output
    #expect(live.contains("default/p: egress[0] allows it\n"), "\(live)")
    let table = try weft(scene, "connections").orThrow().output
    #expect(table.contains("allow default/p"), "\(table)")
    let would = try weft(scene, "explain", "--to", "192.0.2.1:65001").orThrow().output
    #expect(would.hasPrefix("outbound to 192.0.2.1 port 65001/TCP: denied by default/p\n"), "\(would)")
    let unknown = try weft(scene, "explain", "0000000000000000")
    #expect(unknown.code == 1 && unknown.error.split(separator: "\n").count == 1, "\(unknown)")
  }
}
