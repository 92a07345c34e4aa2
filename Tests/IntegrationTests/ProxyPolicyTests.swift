import Glibc
import MeshModel
import Testing
import WeftTestKit

@Suite("The proxy obeys its snapshot")
struct ProxyPolicyTests {
  @Test("a connection that an egress policy does not allow is reset before anything is dialled, and the log says why")
  func egressDenied() throws {
    let policies = try Policies([NetworkPolicy(namespace: "default", name: "no-egress", egress: [])])
    let scene = try ProxyScene.outbound(policies.options())
    let listener = try scene.listener()
    let client = try scene.dial(listener.address)
    #expect(endsInReset(client))
    #expect(throws: SocketFailure.self) { try listener.accept(within: .milliseconds(200)) }
    let record = try scene.record(to: listener.address)
    #expect(record["EVENT"] == "connection-denied")
    #expect(record["VERDICT"] == "deny")
    #expect(record["FLAGS"] == "UAEX")
    #expect(record["POLICY"] == "default/no-egress")
    #expect(record["VERDICT_REASON"] == "the workload's egress is restricted and no rule allows it")
  }

  @Test("an ingress policy lets one block in, names its rule, and keeps a hole in it out, over both families")
  func ingressBlocks() throws {
    let pods = try TwoPods()
    for (ip, bits) in [(pods.clientEnd.v4, 32), (pods.clientEnd.v6, 128)] {
      let all = try #require(IPPrefix(ip, length: bits - 8))
      let hole = try #require(IPPrefix(ip, length: bits))
      let server = try EchoServer(in: pods.server, on: bits == 32 ? pods.serverEnd.v4 : pods.serverEnd.v6)
      for (except, isAllowed) in [([], true), ([hole], false)] as [([IPPrefix], Bool)] {
        let rule = NetworkPolicy.Rule(ipBlocks: [try #require(IPBlock(all, except: except))])
        let policies = try Policies([NetworkPolicy(namespace: "default", name: "block", ingress: [rule])])
        try Redirect.apply(to: pods.server, outbound: nil)
        let proxy = try ProxyUnderTest(in: pods.server, policies.options())
        let client = try PodStream.connect(from: pods.client, to: server.address)
        if isAllowed {
          try client.send("in")
          #expect(try client.receive(exactly: 2) == "in")
          client.close()
        } else {
          #expect(endsInReset(client))
        }
        let record = try proxy.record("of the connection") { $0["DIRECTION"] == "inbound" }
        #expect(record["VERDICT"] == (isAllowed ? "allow" : "deny"))
        if isAllowed {
          #expect(record["POLICY"] == "default/block")
          #expect(record["RULE"] == "ingress[0]")
        }
      }
    }
  }

  @Test("a policy for other labels or another namespace does not apply")
  func selection() throws {
    let forDatabases = NetworkPolicy(
      namespace: "default",
      name: "databases",
      podSelector: LabelSelector(matchLabels: ["app": "db"]),
      egress: []
    )
    let elsewhere = NetworkPolicy(namespace: "other", name: "elsewhere", egress: [])
    let policies = try Policies([forDatabases, elsewhere])
    let scene = try ProxyScene.outbound(policies.options("--labels", "app=web,tier=front"))
    let server = try EchoServer(in: scene.pods.server, on: scene.pods.serverEnd.v4)
    let client = try scene.dial(server.address)
    try client.send("web")
    #expect(try client.receive(exactly: 3) == "web")
    let database = try ProxyScene.outbound(policies.options("--labels", "app=db"))
    let other = try EchoServer(in: database.pods.server, on: database.pods.serverEnd.v4)
    let denied = try database.dial(other.address)
    #expect(endsInReset(denied))
  }

  @Test("a new snapshot ends the live connections it forbids, says so, and leaves the others alone")
  func reloadEndsForbidden() throws {
    let policies = try Policies([])
    let scene = try ProxyScene.outbound(policies.options())
    let kept = try EchoServer(in: scene.pods.server, on: scene.pods.serverEnd.v4)
    let lost = try EchoServer(in: scene.pods.server, on: scene.pods.serverEnd.v4)
    let (keptClient, lostClient) = (try scene.dial(kept.address), try scene.dial(lost.address))
    for client in [keptClient, lostClient] {
      try client.send("a")
      #expect(try client.receive(exactly: 1) == "a")
    }
    try policies.replace([Self.allowing(port: kept.address.port)])
    #expect(endsInReset(lostClient))
    let record = try scene.record(to: lost.address)
    #expect(record["EVENT"] == "connection-ended-by-policy")
    #expect(record["REASON"] == "forbidden-by-new-policy")
    #expect(record["VERDICT"] == "deny")
    try keptClient.send("b")
    #expect(try keptClient.receive(exactly: 1) == "b")
    keptClient.close()
    #expect(try scene.record(to: kept.address)["EVENT"] == "connection-closed")
  }

  @Test("a damaged snapshot is refused whole with the reason, and the old one stays in force")
  func damagedSnapshot() throws {
    let policies = try Policies([NetworkPolicy(namespace: "default", name: "no-egress", egress: [])])
    let scene = try ProxyScene.outbound(policies.options())
    try policies.write("{ \"formatVersion\": 1, \"policies\": [")
    let refusal = try scene.proxy.record("of the refusal") { $0["EVENT"] == "snapshot-refused" }
    #expect(refusal["MESSAGE"]?.contains(policies.path) ?? false)
    try expectStillDenied(scene)
    #expect(try scene.proxy.admin("/v1/status").contains("lastError"))
  }

  @Test("a snapshot file that is gone at reload changes nothing, and its return is taken up")
  func snapshotGone() throws {
    let policies = try Policies([NetworkPolicy(namespace: "default", name: "no-egress", egress: [])])
    let scene = try ProxyScene.outbound(policies.options())
    #expect(unlink(policies.path) == 0)
    scene.proxy.program.signal(SIGHUP)
    try scene.proxy.record("of the missing file") { $0["EVENT"] == "snapshot-refused" }
    try expectStillDenied(scene)
    let count = scene.proxy.records.count
    try policies.replace([])
    try scene.proxy.record("of the new snapshot", after: count) { $0["EVENT"] == "snapshot-loaded" }
    let server = try EchoServer(in: scene.pods.server, on: scene.pods.serverEnd.v4)
    let client = try scene.dial(server.address)
    try client.send("x")
    #expect(try client.receive(exactly: 1) == "x")
  }

  @Test("without a snapshot everything passes, and the proxy says so")
  func noSnapshot() throws {
    let scene = try ProxyScene.outbound()
    try scene.proxy.record("that there is none") { $0["EVENT"] == "snapshot-missing" }
  }

  @Test("a proxy told to start with a snapshot it cannot read does not start, and names the file")
  func unreadableAtStart() throws {
    let pod = try Pod()
    let directory = try TemporaryDirectory()
    for text in [nil, "{}", "\u{0}\u{1}"] as [String?] {
      let path = directory.file("snapshot.json")
      if let text { try directory.write("snapshot.json", text) }
      let outcome = try ProxyUnderTest.failure(in: pod, .init("--snapshot", path))
      #expect(outcome.code == 2, "\(outcome)")
      #expect(outcome.error.contains(path))
      #expect(outcome.error.hasPrefix("weft-proxy: "))
      #expect(outcome.error.split(separator: "\n").count == 1, "\(outcome.error)")
    }
  }

  private func expectStillDenied(_ scene: ProxyScene) throws {
    let client = try scene.dial(SocketAddress(scene.pods.serverEnd.v4, port: 9))
    #expect(endsInReset(client))
    try scene.proxy.record("of the denial") { $0["EVENT"] == "connection-denied" }
  }

  private static func allowing(port: UInt16) -> NetworkPolicy {
    let rule = NetworkPolicy.Rule(ports: [PortMatch(.tcp, port...port)])
    return NetworkPolicy(namespace: "default", name: "one-port", egress: [rule])
  }
}

/// A snapshot file that tests rewrite under a running proxy.
struct Policies {
  private let directory: TemporaryDirectory
  var path: String { directory.file("snapshot.json") }

  init(_ policies: [NetworkPolicy]) throws {
    directory = try TemporaryDirectory()
    try replace(policies)
  }

  func replace(_ policies: [NetworkPolicy]) throws {
    try write(String(decoding: try Snapshot(policies: policies).encode(), as: UTF8.self))
  }

  func write(_ text: String) throws { try directory.write("snapshot.json", text) }

  func options(_ more: String...) -> ProxyUnderTest.Options {
    var options = ProxyUnderTest.Options()
    options.arguments = ["--snapshot", path] + more
    return options
  }
}
