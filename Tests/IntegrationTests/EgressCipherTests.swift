import Foundation
import MeshModel
import Testing
import WeftTestKit

/// What the proxy agrees on with servers outside the mesh: docs/egress.md, "TLS that the proxy begins".
@Suite("TLS that a DestinationRule asks for agrees on")
struct EgressCipherTests {
  /// A server that offers one thing, by the options of `openssl s_server`.
  private struct Offer {
    let version: String
    let list: [String]
    /// What OpenSSL calls what comes of it.
    let suite: String
    var isRSA = false
    let isTaken: Bool

    init(_ version: String, _ suite: String, isRSA: Bool = false, isTaken: Bool) {
      list = version == "-tls1_3" ? ["-ciphersuites", suite] : ["-cipher", "\(suite):@SECLEVEL=0"]
      self.version = version
      (self.suite, self.isRSA, self.isTaken) = (suite, isRSA, isTaken)
    }
  }

  private static let offers = [
    Offer("-tls1_3", "TLS_AES_128_GCM_SHA256", isTaken: true),
    Offer("-tls1_3", "TLS_CHACHA20_POLY1305_SHA256", isTaken: true),
    Offer("-tls1_2", "ECDHE-ECDSA-AES128-GCM-SHA256", isTaken: true),
    Offer("-tls1_2", "ECDHE-RSA-AES256-GCM-SHA384", isRSA: true, isTaken: true),
    Offer("-tls1_2", "ECDHE-ECDSA-CHACHA20-POLY1305", isTaken: true),
    // Short tags, which nobody needs who is not short of memory.
    Offer("-tls1_3", "TLS_AES_128_CCM_8_SHA256", isTaken: false),
    Offer("-tls1_2", "ECDHE-ECDSA-AES128-CCM8", isTaken: false),
    // CBC: padding is an oracle where it is not done with great care (CVE-2013-0169).
    Offer("-tls1_2", "ECDHE-ECDSA-AES128-SHA256", isTaken: false),
    Offer("-tls1_2", "ECDHE-ECDSA-AES128-SHA", isTaken: false),
    // Whoever gets the server's key reads what was said before.
    Offer("-tls1_2", "AES128-GCM-SHA256", isRSA: true, isTaken: false),
    // Groups of the server's own choice.
    Offer("-tls1_2", "DHE-RSA-AES128-GCM-SHA256", isRSA: true, isTaken: false),
    Offer("-tls1_1", "ECDHE-ECDSA-AES128-SHA", isTaken: false),
    Offer("-tls1", "ECDHE-ECDSA-AES128-SHA", isTaken: false),
  ]

  @Test(
    "TLS 1.3 and 1.2, of 1.2 only ECDHE with AES-GCM or ChaCha20, and nothing else, though the server has nothing else"
  )
  func suites() throws {
    let pods = try TwoPods()
    let authority = try OutsideAuthority()
    let certificates = [
      false: try authority.issue("ec", "DNS:*.example.com"),
      true: try authority.issue("rsa", "DNS:*.example.com", key: OutsideAuthority.newRSAKey),
    ]
    var documents = ""
    var servers: [RunningProgram] = []
    for (number, offer) in Self.offers.enumerated() {
      let address = SocketAddress(pods.serverEnd.v4, port: 9500 + UInt16(number))
      let certificate = try #require(certificates[offer.isRSA])
      let own = ["-accept", "\(address)", "-cert", certificate.chain, "-key", certificate.key, "-www"]
      servers.append(
        try Command("openssl", ["s_server"] + own + [offer.version] + offer.list).with(\.pod, pods.server).start()
      )
      let ports = "{number: 80, name: http, targetPort: \(address.port)}"
      documents += Documents.outside(
        "s\(number)",
        "s\(number).example.com",
        ports: ports,
        endpoints: "{address: \(address.ip)}"
      )
      documents += Documents.destination("s\(number)", tls: "{mode: SIMPLE, caCertificates: \(authority.root)}")
    }
    for (number, server) in servers.enumerated() { try server.waitForListener(9500 + UInt16(number)) }
    let scene = try RequestScene.outbound(in: pods, documents)
    for (number, offer) in Self.offers.enumerated() {
      let dial = ["s_client", "-connect", "\(pods.serverEnd.v4):\(9500 + number)", offer.version] + offer.list
      let told = try Command("openssl", dial).with(\.pod, pods.server).run()
      #expect(told.output.contains("Cipher is \(offer.suite)"), "who would take it gets it: \(told)")

      let host = "s\(number).example.com"
      let answer = try Command(
        "curl",
        [
          "-s", "--max-time", "20", "-w", " %{http_code}", "--resolve", "*:80:\(pods.serverEnd.v4)",
          "http://\(host)/\(number)",
        ]
      ).with(\.pod, pods.client).run().output
      let record = try scene.record(of: "/\(number)")
      if offer.isTaken {
        #expect(answer.hasSuffix(" 200") && answer.contains("Cipher is \(offer.suite)"), "\(offer) \(answer)")
      } else {
        #expect(answer.hasSuffix(" 503"), "\(offer) \(answer)")
        #expect(record["REASON"] == "connect-failed" && record["FLAGS"]?.contains("UF") == true, "\(record)")
      }
    }
  }

  @Test("who the server is by its certificate's names: a wildcard has one label more, and no address is a name")
  func names() throws {
    let pods = try TwoPods()
    let authority = try OutsideAuthority()
    let endpoint = SocketAddress(pods.serverEnd.v4, port: 9500)
    let certificate = try authority.issue("wild", "DNS:*.api.example.com,DNS:f*.example.org,DNS:\(endpoint.ip)")
    let server = try OutsideServer(in: pods.server, on: endpoint, certificate, answer: "$ssl_server_name")
    let documents =
      Documents.outside(
        "all",
        "'*.api.example.com', api.example.com, foo.example.org",
        ports: "{number: 80, name: http, targetPort: \(endpoint.port)}",
        endpoints: "{address: \(endpoint.ip)}"
      ) + Documents.destination("all", tls: "{mode: SIMPLE, caCertificates: \(authority.root)}")
    let scene = try RequestScene.outbound(in: pods, documents)
    func get(_ host: String) throws -> String {
      let resolve = ["--connect-to", "::\(pods.serverEnd.v4):80"]
      return try Command("curl", ["-s", "--max-time", "20", "-w", " %{http_code}", "http://\(host)/"] + resolve)
        .with(\.pod, pods.client).run().output
    }
    #expect(try get("v1.api.example.com") == "v1.api.example.com 200")
    for host in ["a.b.api.example.com", "api.example.com", "foo.example.org"] {
      let count = scene.proxy.records.count
      #expect(try get(host).hasSuffix(" 503"), "\(host)")
      let note = try scene.proxy.record("of \(host)", after: count) {
        $0["EVENT"] == "server-refused" && $0["SNI"] == host
      }
      #expect(note.message.contains("has none of the names that it must have"), "\(note)")
    }
    // An address among DNS names is none.
    try scene.replace(
      documents.replacingOccurrences(of: "mode: SIMPLE,", with: "mode: SIMPLE, subjectAltNames: ['\(endpoint.ip)'],")
    )
    let count = scene.proxy.records.count
    #expect(try get("v1.api.example.com").hasSuffix(" 503"))
    let note = try scene.proxy.record("of the address", after: count) {
      $0["EVENT"] == "server-refused" && $0["SNI"] == "v1.api.example.com"
    }
    #expect(note.message.contains("has none of the names that it must have"), "\(note)")
    withExtendedLifetime(server) {}
  }
}
