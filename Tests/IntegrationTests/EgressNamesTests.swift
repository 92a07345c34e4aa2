import MeshModel
import Testing
import WeftTestKit

/// ServiceEntries with `resolution: DNS`, and a DNS server that answers.
@Suite("A ServiceEntry whose endpoints have names")
struct EgressNamesTests {
  private let pods: TwoPods
  private let files: TemporaryDirectory
  private let host = "api.example.com"
  private let hops = ["198.51.100.1", "198.51.100.2"]
  private let servers: [WebServer]
  private let zone: ZoneServer

  init() throws {
    pods = try TwoPods()
    files = try TemporaryDirectory()
    for hop in hops { try pods.server.run("ip", "addr", "add", "\(hop)/32", "dev", "lo").orThrow() }
    // Whom the programs believe to ask is there, and refuses at once.
    try pods.server.run("ip", "addr", "add", "192.0.2.1/32", "dev", "lo").orThrow()
    let pod = pods.server
    servers = try zip(hops, ["first", "second"]).map { hop, answer in
      try WebServer(in: pod, on: try #require(IPAddress(hop)), answer: answer)
    }
    zone = try ZoneServer(in: pods.server, on: "\(pods.serverEnd.v4)", [host: .addresses([hops[0]], ttl_s: 1)])
  }

  private func scene(_ documents: String) throws -> RequestScene {
    let resolvers = try files.write("resolv.conf", "nameserver \(pods.serverEnd.v4)\noptions timeout:1 attempts:1\n")
    return try RequestScene.outbound(in: pods, documents, .init("--resolv-conf", resolvers))
  }

  private func entry(_ rest: String) -> String {
    """
    ---
    {apiVersion: networking.istio.io/v1, kind: ServiceEntry, metadata: {name: api},
     spec: {hosts: [\(host)], ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8080}], \(rest)}}

    """
  }

  /// What a program gets from the host, which it believes to be where nobody listens.
  private func get() throws -> String {
    try pods.client.run("curl", "-s", "--max-time", "15", "--resolve", "\(host):80:192.0.2.1", "http://\(host)/").output
  }

  private func resolved(_ scene: RequestScene, to address: String, after count: Int = 0) throws {
    try scene.proxy.record("that the host is at \(address)", after: count) {
      $0["EVENT"] == "host-resolved" && $0.message.hasSuffix(" \(address)")
    }
  }

  @Test("gets requests to where its host is, and to where that moves when the answer has run out")
  func moves() throws {
    let scene = try scene(entry("resolution: DNS"))
    try resolved(scene, to: hops[0])
    #expect(try get() == "first")
    let count = scene.proxy.records.count
    try zone.say([host: .addresses([hops[1]], ttl_s: 300)])
    try resolved(scene, to: hops[1], after: count)
    try eventually("requests go to where it moved") { try get() == "second" }
    let record = try scene.proxy.record("of the second") { $0["ENDPOINT"] == "\(hops[1]):8080" }
    #expect(record["SERVICE"] == "default/api:80", "\(record)")
  }

  @Test("goes on where its host was while no resolver answers well, and says so in journal and check, until one does")
  func kept() throws {
    let scene = try scene(entry("resolution: DNS, endpoints: [{address: db.example.com}]"))
    let refused = try scene.proxy.record("that it is not known") { $0["EVENT"] == "host-unresolved" }
    #expect(refused.message.contains("db.example.com") && refused.message.contains("it has no address"), "\(refused)")
    #expect(refused.message.hasSuffix("nothing goes there until it can"))
    try zone.say(["db.example.com": .addresses([hops[0]], ttl_s: 1)])
    try resolved(scene, to: hops[0])
    #expect(try get() == "first")
    let count = scene.proxy.records.count
    try zone.say(["db.example.com": .code("SERVFAIL")])
    let failed = try scene.proxy.record("that it failed", after: count) { $0["EVENT"] == "host-unresolved" }
    #expect(failed.message.contains("\(pods.serverEnd.v4):53 answered SERVFAIL"), "\(failed)")
    #expect(failed.message.hasSuffix("the address that it had is used on"), "\(failed)")
    #expect(try get() == "first")
    #expect(try scene.proxy.admin("/v1/status").contains("db.example.com, of a ServiceEntry, cannot be asked for"))
    try zone.say(["db.example.com": .addresses([hops[0]], ttl_s: 1)])
    try scene.proxy.record("that it is well again", after: count) {
      $0["EVENT"] == "host-resolved" && $0.message.contains("is where it was")
    }
    #expect(try !scene.proxy.admin("/v1/status").contains("cannot be asked for"))
  }

  @Test("has the addresses of an answer that is longer than a datagram, as many as are used: it is asked for by TCP")
  func long() throws {
    // 16 bytes each, where 1,232 are taken by UDP.
    let many = (1...100).map { "203.0.113.\($0)" }
    try zone.say([host: .addresses(many, ttl_s: 300)])
    let scene = try scene(entry("resolution: DNS"))
    let record = try scene.proxy.record("that the host is known") { $0["EVENT"] == "host-resolved" }
    // As many as a proxy uses of one host, in whatever order the server says them.
    let addresses = record.message.split(separator: "203.0.113.").count - 1
    #expect(record.message.contains("has the addresses") && addresses == 60, "\(record)")
  }

  @Test("uses one address of several with DNS_ROUND_ROBIN, all of them with DNS")
  func one() throws {
    try zone.say([host: .addresses(hops, ttl_s: 300)])
    let scene = try scene(entry("resolution: DNS_ROUND_ROBIN"))
    let record = try scene.proxy.record("that the host is known") { $0["EVENT"] == "host-resolved" }
    // The one that came first in the answer.
    let used = record.message.contains("has the addresses \(hops[0]),") ? "first" : "second"
    #expect(try Set((0..<12).map { _ in try get() }) == [used], "\(record)")
    try scene.replace(entry("resolution: DNS"))
    // The faster one is asked again and again, until the other's turn comes.
    var answers: Set<String> = []
    try eventually("both are asked") {
      answers.insert(try get())
      return answers == ["first", "second"]
    }
  }
}
