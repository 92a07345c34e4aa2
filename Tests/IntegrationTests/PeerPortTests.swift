import Authority
import Foundation
import MeshModel
import Testing
import WeftTestKit

/// Two hosts, and a stranger at the first one's port 15012 by OpenSSL, by Python's TLS and by PyPI's grpcio.
@Suite("The port for other hosts")
struct PeerPortTests {
  private let scene: HostsScene
  private let directory: TemporaryDirectory
  private let address: String
  private let stranger: String
  private let domain: TrustDomain

  init() throws {
    scene = try HostsScene(2, pods: 1)
    directory = try TemporaryDirectory()
    address = "\(scene.link.ends[0].v4):15012"
    stranger = "\(scene.link.ends[2].v4)"
    domain = try TrustDomain("weft.local")
  }

  // MARK: What the stranger does

  /// What `peer_client.py` says.
  private struct Said: Decodable {
    var code: String?
    var details: String?
    var closed_s: Double?
    var at_once: Int?
    var later: Int?
  }

  private func python(_ arguments: String...) throws -> Said {
    let script = "\(Binaries.repository)/Tests/IntegrationTests/Programs/peer_client.py"
    return try Command(WorkloadScene.python, [script, address] + arguments).with(\.pod, scene.link.pods[2])
      .run(within: .seconds(60)).said(Said.self)
  }

  /// OpenSSL's client, which says nothing and stays until it is refused.
  private func openssl(_ arguments: String...) throws -> Outcome {
    try Command("openssl", ["s_client", "-connect", address, "-alpn", "h2", "-nocommands"] + arguments)
      .with(\.pod, scene.link.pods[2]).with(\.keepsInputOpen, true).run()
  }

  /// The files of an identity: its chain, its key, and the chain without the leaf, which OpenSSL wants apart.
  private func files(_ identity: Identity) throws -> [String] {
    let pems = identity.certificate.chain.compactMap { CertificateSummary(der: $0)?.pem }
    let chain = try directory.write("chain.pem", pems.joined(separator: "\n"))
    let rest = try directory.write("rest.pem", pems.dropFirst().joined(separator: "\n"))
    let lines = Data(identity.key.bytes).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
    return [
      chain, try directory.write("key.pem", "-----BEGIN PRIVATE KEY-----\n\(lines)\n-----END PRIVATE KEY-----\n"),
      rest,
    ]
  }

  // MARK: What the first host has to show

  /// The mesh's authority as the first host has it on disk: what only a thief of its root could use.
  private func authority() throws -> AuthorityState {
    let data = scene.agents[0].directory.file("data")
    let settings = try String(contentsOfFile: "\(data)/mesh.settings", encoding: .utf8)
    let line = try #require(settings.split(separator: "\n").first { $0.hasPrefix("authority ") })
    let state = try #require(Data(base64Encoded: String(line.dropFirst("authority ".count))))
    let keys = try Data(contentsOf: URL(fileURLWithPath: "\(data)/authority.key"))
    return try AuthorityState(decoding: [UInt8](state), keys: AuthorityKeys(decoding: SecretBytes([UInt8](keys))))
  }

  /// Waits for a line of the journal about the stranger.
  private func told(_ text: String) throws {
    let stranger = stranger
    _ = try scene.agents[0].program.error.await("'\(text)' of the stranger") { said in
      said.split(separator: "\n").contains { $0.contains(stranger) && $0.contains(text) } ? true : nil
    }
  }

  /// `refused` more of a counter come of `body`, and its line in the journal; the other host is served all along.
  private func counts(_ counter: String, by count: Int, _ text: String, _ body: () throws -> Void) throws {
    let before = try scene.count(0, counter)
    try body()
    try told(text)
    try eventually("\(counter) grows by \(count)") { try scene.count(0, counter) == before + count }
    try served()
  }

  /// The second host's records and calls go on.
  private func served() throws {
    let name = "s\(UInt32.random(in: 0..<1_000_000))"
    try scene.agents[1].weft("register", "--name", name, "--port", "\(UInt16.random(in: 1_024..<60_000))").orThrow()
    try eventually("the first host hears of \(name)", within: .seconds(5)) {
      try scene.agents[0].weft("services").orThrow().output.contains(name)
    }
    try scene.agents[1].weft("identity", "rotate", "--workloads").orThrow()
    #expect(try scene.fetch("shop", on: 1).succeeded)
  }

  private var now_s: Int64 { Int64(Date().timeIntervalSince1970) }

  // MARK: Tests

  @Test(
    "refuses a foreign certificate of the same names, an expired one, and a workload's, each with its reason, and takes a host's"
  )
  func certificates() throws {
    var random = SystemRandomNumberGenerator()
    let (own, other) = (try authority(), try AuthorityState(new: domain, now_s: now_s))
    let host = try SPIFFEID.host(domain, name: "h2")
    let shop = try SPIFFEID("spiffe://weft.local/ns/default/sa/shop")
    let refused: [(identity: Identity, reason: String)] = [
      (try other.issue(host, now_s: now_s, using: &random), "no root of this mesh has signed the chain"),
      // The authority's own certificates began 49 hours before they were made.
      (
        try own.issue(host, now_s: now_s - 48 * 3_600, using: &random),
        "check this host's clock: the certificate of \(host) is valid from"
      ), (try own.issue(shop, now_s: now_s, using: &random), "\(shop) is no host"),
    ]
    for (identity, reason) in refused {
      let files = try files(identity)
      try counts("peers_certificates_refused", by: 2, reason) {
        let outcome = try openssl("-tls1_3", "-cert", files[0], "-cert_chain", files[2], "-key", files[1])
        #expect(outcome.error.contains("alert") || outcome.code != 0, "\(outcome)")
        let said = try python("call", files[0], files[1])
        #expect(said.code == "UNAVAILABLE", "\(said)")
      }
    }
    let files = try files(own.issue(host, now_s: now_s, using: &random))
    #expect(try python("call", files[0], files[1]).code == "OK")
    let shown = try scene.agents[0].weft("check", "-o", "json").output
    #expect(shown.contains("\"peers_certificates_refused\" : 6"), "\(shown)")
    #expect(try scene.count(0, "peers_handshakes_failed") == 0, "each was refused once")
  }

  @Test("answers no call of who shows no certificate but a join, and lets it go soon")
  func withoutCertificate() throws {
    try counts(
      "peers_unauthenticated",
      by: 1,
      "was refused a call of Trust: only hosts of the mesh may ask this; join first"
    ) {
      let said = try python("call")
      #expect(said.code == "UNAUTHENTICATED" && said.details?.contains("join first") == true, "\(said)")
    }
    try counts("peers_strangers_expired", by: 1, "has not joined within its time") {
      // The beginning of HTTP/2 (RFC 9113 section 3.4) and an empty SETTINGS frame, and nothing more.
      let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]
      let program = try Command("openssl", ["s_client", "-connect", address, "-alpn", "h2", "-quiet", "-nocommands"])
        .with(\.pod, scene.link.pods[2]).with(\.input, preface).with(\.keepsInputOpen, true).start()
      _ = try program.waitForExit()
    }
  }

  @Test("refuses TLS 1.2, HTTP, junk, half a handshake and silence, tells them apart, and serves hosts all along")
  func handshakes() throws {
    try counts("peers_handshakes_failed", by: 1, "it offers TLS 1.2 or older, and only TLS 1.3 is taken") {
      let outcome = try openssl("-tls1_2")
      #expect(outcome.code != 0 && outcome.error.contains("protocol version"), "\(outcome)")
    }
    let sent = [
      (Array("GET / HTTP/1.1\r\nHost: h1\r\n\r\n".utf8), "it sends HTTP without TLS"),
      ([UInt8](repeating: 0xa5, count: 400), "what it sends is not TLS"),
    ]
    for (bytes, reason) in sent {
      try counts("peers_handshakes_failed", by: 1, reason) {
        let hex = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let lasted_s = try #require(python("bytes", hex).closed_s)
        #expect(lasted_s < 4, "it is not waited for")
      }
    }
    try counts("peers_handshakes_failed", by: 1, "it left in the midst of its handshake") {
      _ = try python("hello", "left")
    }
    try counts("peers_handshakes_expired", by: 1, "has not finished its handshake within its time") {
      let lasted_s = try #require(python("hello", "half").closed_s)
      #expect((4...10).contains(lasted_s), "a handshake has five seconds")
    }
    // Of twenty at once from one address eight may be in their handshakes.
    let before = try scene.count(0, "peers_handshakes_expired")
    try counts("peers_connections_refused", by: 12, "connections open that have shown no certificate") {
      let said = try python("silent", "20")
      #expect(said.at_once == 12 && said.later == 8, "\(said)")
    }
    #expect(try scene.count(0, "peers_handshakes_expired") == before + 8)
    #expect(try HostsScene.members(scene.agents[0]).filter(\.isAlive).count == 2)
  }
}
