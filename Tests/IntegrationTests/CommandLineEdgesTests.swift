import MeshModel
import Testing
import WeftTestKit

@testable import weft

@Suite("weft edges and weft identity peers")
struct CommandLineEdgesTests {
  private let directory: TemporaryDirectory
  private static let shop = "spiffe://weft.local/ns/shop/sa/shop"
  private static let web = "spiffe://weft.local/ns/shop/sa/web"

  init() throws { directory = try TemporaryDirectory() }

  private func weft(_ arguments: String...) throws -> Outcome {
    try runWeft(arguments + ["--run-directory", directory.path])
  }

  private func serve(_ name: String, _ reply: some Encodable) throws -> CommandLineAdminServer {
    try CommandLineAdminServer(
      name,
      in: directory.path,
      replies: [CommandLineAdminServer.reply(body: try AdminJSON.encode(reply))]
    )
  }

  private func edge(
    _ direction: Direction,
    to text: String = "10.0.0.2:80",
    _ security: EdgeReport.Security = .mutualTLS,
    service: String? = nil,
    requests: UInt64 = 5
  ) throws -> EdgeReport {
    let isSecured = security == .mutualTLS
    let plain = security == .plainText
    return EdgeReport(
      direction: direction,
      source: IPAddress(v4: 0x0a00_0001),
      sourceService: nil,
      destination: try #require(SocketAddress(text)),
      destinationService: service,
      clientIdentity: isSecured ? Self.shop : nil,
      serverIdentity: isSecured ? Self.web : nil,
      security: security,
      reason: plain ? "the server has no proxy" : "both proxies have proved who they are",
      isPlainWithinMesh: plain,
      requests: requests,
      connections: 0,
      lastUsedMs: 2_000
    )
  }

  @Test("show an edge that both its ends tell of once, and what goes in plain text first, with why")
  func merged() throws {
    let outbound = EdgeList(
      edges: [
        try edge(.outbound, service: "shop/web"), try edge(.outbound, to: "10.0.0.3:25", .plainText, requests: 1),
      ],
      folded: 0
    )
    let servers = [
      try serve("a", outbound), try serve("b", EdgeList(edges: [try edge(.inbound, requests: 4)], folded: 3)),
    ]
    let run = try weft("edges")
    #expect(servers.map(\.targets) == [["/v1/edges"], ["/v1/edges"]])
    #expect(
      run.output == """
        SOURCE    DESTINATION  CLIENT     SERVER    REQUESTS  CONNECTIONS  SECURED
        10.0.0.1  10.0.0.3:25  -          -         1         0            PLAIN TEXT: the server has no proxy
        10.0.0.1  shop/web:80  shop/shop  shop/web  5         0            mutual TLS

        """
    )
    #expect(run.code == 0)
    #expect(run.error == "weft: proxy b has no room for more edges: 3 uses are not shown\n")
  }

  @Test("show addresses, whole identities and who has seen an edge with -o wide, and all of it as JSON")
  func wide() throws {
    for (format, wanted) in [
      ("wide", ["10.0.0.2:80", Self.shop, Self.web, "2s ago", "a,b"]),
      ("json", ["\"security\" : \"mutual-tls\"", "\"seenBy\" : [", "\"clientIdentity\" : \"\(Self.shop)\""]),
    ] {
      let servers = [
        try serve("a", EdgeList(edges: [try edge(.outbound)], folded: 0)),
        try serve("b", EdgeList(edges: [try edge(.inbound)], folded: 0)),
      ]
      let run = try weft("edges", "-o", format)
      withExtendedLifetime(servers) {}
      #expect(run.code == 0 && wanted.allSatisfy(run.output.contains), "\(run)")
    }
  }

  @Test("show only findings with --plain, and say where there are none")
  func plain() throws {
    let server = try serve("a", EdgeList(edges: [try edge(.outbound)], folded: 0))
    #expect(try weft("edges", "--plain").output == "no edges\n")
    withExtendedLifetime(server) {}
    let again = try serve("b", EdgeList(edges: [try edge(.outbound), try edge(.outbound, .plainText)], folded: 0))
    #expect(try weft("edges", "--plain", "--proxy", "b").output.split(separator: "\n").count == 2)
    withExtendedLifetime(again) {}
  }

  @Test("list connections between proxies: who, by which TLS, how old, how busy, until when")
  func peers() throws {
    let address = try #require(SocketAddress("10.0.0.2:15008"))
    var up = PeerReport(direction: .outbound, state: .open, address: address, ageMs: 61_000)
    up.identity = Self.web
    up.expectedIdentity = Self.web
    up.tlsVersion = "TLSv1.3"
    up.isResumed = true
    up.streams = 3
    up.streamsTotal = 70
    up.certificateNotAfterS = 1
    var shaking = PeerReport(direction: .outbound, state: .connecting, address: address, ageMs: 10)
    shaking.expectedIdentity = Self.web
    let server = try serve("a", PeerList(peers: [up, shaking], truncated: true))
    let run = try weft("identity", "peers", "--limit", "2")
    #expect(server.targets == ["/v1/peers?limit=2"])
    let rows = run.output.split(separator: "\n")
    #expect(rows.count == 3 && rows[1].contains("TLSv1.3 resumed  1m01s  3        70"), "\(run)")
    #expect(rows[1].hasSuffix(" ago") && rows[2].contains("not yet \(Self.web)  connecting"), "\(run)")
    #expect(run.code == 0 && run.error == "weft: proxy a has more than these 2; raise --limit\n")
  }

  @Test(
    "say what is wrong with no proxy, or with one that does not answer",
    arguments: [["edges"], ["identity", "peers"]]
  )
  func none(verb: [String]) throws {
    let run = try runWeft(verb + ["--run-directory", directory.path])
    #expect(run.code == 1 && run.error.contains("is weft-proxy running?"))
    try directory.write("proxy-dead.sock", "")
    let dead = try runWeft(verb + ["--run-directory", directory.path])
    #expect(dead.code == 1 && dead.error.contains("proxy-dead.sock"), "\(dead)")
  }
}
