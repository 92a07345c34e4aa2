import Foundation
import MeshModel
import Testing
import WeftTestKit

/// Which servers the proxy believes, and what it says of those that it does not.
@Suite("Whom TLS that a DestinationRule asks for believes")
struct EgressOriginationRefusalTests: OriginatingPods {
  let pods: TwoPods
  let authority: OutsideAuthority

  init() throws {
    pods = try TwoPods()
    authority = try OutsideAuthority()
  }

  /// What becomes of a request, its record, and what the journal says of the server.
  private func refusal(_ tls: String, _ scene: inout RequestScene?) throws -> (record: LogRecord, note: LogRecord) {
    if let scene {
      try scene.replace(documents(tls))
    } else {
      scene = try RequestScene.outbound(in: pods, documents(tls))
    }
    guard let scene else { throw TestKitError("no scene") }
    return try refusal(in: scene)
  }

  private func refusal(in scene: RequestScene) throws -> (record: LogRecord, note: LogRecord) {
    let (count, path) = (scene.proxy.records.count, "/\(UInt32.random(in: 0 ... .max))")
    let outcome = try get("http://\(host)\(path)")
    #expect(outcome.output.hasSuffix(" 503\n"), "\(outcome)")
    let record = try scene.record(of: path, after: count)
    #expect(record["REASON"] == "connect-failed" && record["FLAGS"]?.contains("UF") == true, "\(record)")
    return (record, try scene.proxy.record("of the refusal", after: count) { $0["EVENT"] == "server-refused" })
  }

  @Test("tells which check failed of which certificate: another authority, another name, or a file that is missing")
  func refused() throws {
    var scene: RequestScene?
    let server = try self.server()
    let stranger = try OutsideAuthority("stranger")
    var (record, note) = try refusal("{mode: SIMPLE, caCertificates: \(stranger.root)}", &scene)
    #expect(record["ERRNO"] == "129", "\(record)")
    #expect(note.message.contains("the server's own certificate leads to no authority that is trusted"), "\(note)")
    #expect(note["SNI"] == host && note["UPSTREAM"] == endpoint.description, "\(note)")
    (_, note) = try refusal(simple(", subjectAltNames: [other.example.com]"), &scene)
    #expect(note.message.contains("has none of the names that it must have"), "\(note)")
    (_, note) = try refusal(simple(", sni: other.example.com"), &scene)
    #expect(note.message.contains("has none of the names that it must have") && note["SNI"] == "other.example.com")
    (record, note) = try refusal("{mode: SIMPLE, caCertificates: /nowhere/ca.pem}", &scene)
    #expect(record["ERRNO"] == "126" && note.message.contains("/nowhere/ca.pem cannot be read"), "\(record) \(note)")
    withExtendedLifetime(server) {}
  }

  @Test("refuses a certificate whose time is over")
  func expired() throws {
    var scene: RequestScene?
    let certificate = try authority.issue("expired", "DNS:api.example.com", days: -1)
    let server = try OutsideServer(in: pods.server, on: endpoint, certificate, answer: "expired")
    let (_, note) = try refusal(simple(), &scene)
    #expect(note.message.contains("the server's own certificate has expired"), "\(note)")
    withExtendedLifetime(server) {}
  }

  @Test(
    "takes the names it is given instead of the one that is asked for: of DNS, addresses and URIs, each its own kind"
  )
  func alternativeNames() throws {
    let server = try server(
      "DNS:real.example.net,IP:\(endpoint.ip),URI:spiffe://outside/api",
      answer: "$ssl_server_name"
    )
    var scene: RequestScene?
    for name in ["real.example.net", "\(endpoint.ip)", "'spiffe://outside/api'"] {
      let documents = documents(simple(", sni: front.example.net, subjectAltNames: [no.example, \(name)]"))
      if let scene { try scene.replace(documents) } else { scene = try RequestScene.outbound(in: pods, documents) }
      #expect(try get("http://\(host)/").output == "front.example.net 200\n", "\(name)")
    }
    for name in ["front.example.net", "10.0.0.1", "'spiffe://outside/other'"] {
      _ = try refusal(simple(", sni: front.example.net, subjectAltNames: [\(name)]"), &scene)
    }
    withExtendedLifetime(server) {}
  }

  @Test("takes anybody with insecureSkipVerify")
  func unverified() throws {
    let server = try server("DNS:nobody.example", by: try OutsideAuthority("stranger"))
    let scene = try RequestScene.outbound(in: pods, documents("{mode: SIMPLE, insecureSkipVerify: true}"))
    #expect(try get("http://\(host)/").output == "\(host) TLSv1.3  200\n")
    withExtendedLifetime((server, scene)) {}
  }

  @Test("fails at a server that speaks no TLS, and at one that never answers within the connect timeout, and says so")
  func noTLS() throws {
    let plain = try WebServer(in: pods.server, on: endpoint.ip, port: endpoint.port)
    let scene = try RequestScene.outbound(in: pods, documents(simple()), .init("--connect-timeout", "1"))
    let (record, note) = try refusal(in: scene)
    #expect(record["ERRNO"] == "71" && note.message.contains("no TLS that is spoken here"), "\(record) \(note)")
    let silent = try PodListener(in: pods.server, on: SocketAddress(endpoint.ip, port: 9445))
    try scene.replace(documents(simple(), at: silent.address))
    let outcome = try get("http://\(host)/silent")
    #expect(outcome.output.hasSuffix(" 503\n"), "\(outcome)")
    let late = try scene.record(of: "/silent")
    #expect(late["REASON"] == "connect-failed" && late["ERRNO"] == "110", "\(late)")
    withExtendedLifetime((plain, silent)) {}
  }
}
