import MeshModel
import Testing
import WeftTestKit

@testable import Authority

/// What we make, as seen by the TLS library of the data path.
@Suite("OpenSSL")
struct OpenSSLTests {
  /// A mesh in files, at the machine's time.
  private struct Files {
    let workshop: OpenSSLWorkshop
    let now_s = Scene.machine_s
    let authority: AuthorityState
    let roots: String

    init() throws {
      workshop = try OpenSSLWorkshop()
      authority = try Scene.authority(now_s: now_s)
      let pem = authority.bundle.roots.map { OpenSSLWorkshop.pem("CERTIFICATE", $0) }.joined()
      roots = try workshop.directory.write("roots-\(Int64.random(in: 0 ... .max))", pem)
    }

    /// An identity as TLS programs take it: leaf, intermediate, key.
    func written(_ identity: Identity) throws -> (leaf: String, chain: String, key: String) {
      let name = "\(Int64.random(in: 0 ... .max))"
      let chain = identity.certificate.chain.map { OpenSSLWorkshop.pem("CERTIFICATE", $0) }
      return (
        try workshop.directory.write("leaf-\(name)", chain[0]),
        try workshop.directory.write("intermediate-\(name)", chain[1]),
        try workshop.directory.write("key-\(name)", OpenSSLWorkshop.pem("PRIVATE KEY", identity.key.bytes))
      )
    }
  }

  @Test("verifies leaf, intermediate and root, strictly and for both purposes", arguments: ["sslserver", "sslclient"])
  func verifies(purpose: String) throws {
    let files = try Files()
    let identity = try files.written(files.authority.web(files.now_s))
    let arguments = ["verify", "-x509_strict", "-purpose", purpose, "-CAfile", files.roots, "-untrusted"]
    let seen = try Command("openssl", arguments + [identity.chain, identity.leaf]).run()
    #expect(seen.output == "\(identity.leaf): OK\n", "\(seen)")
    let stranger = try Files()
    let refused = try Command(
      "openssl",
      ["verify", "-CAfile", stranger.roots, "-untrusted", identity.chain, identity.leaf]
    )
    .run()
    #expect(!refused.succeeded && refused.error.contains("unable to get local issuer certificate"), "\(refused)")
  }

  @Test("verifies a chain across every step of a root's rotation")
  func rotation() throws {
    let files = try Files()
    var authority = files.authority
    var now = files.now_s
    for wait in [0, AuthorityTiming.propagation_s, AuthorityTiming.retirement_s] {
      if wait == 0 { _ = try authority.rotateRoot(now_s: now) }
      now += wait
      _ = try authority.tick(now_s: now)
      let roots = authority.bundle.roots.map { OpenSSLWorkshop.pem("CERTIFICATE", $0) }.joined()
      let file = try files.workshop.directory.write("roots", roots)
      let identity = try files.written(authority.web(now))
      let arguments = ["verify", "-x509_strict", "-attime", "\(now)", "-CAfile", file, "-untrusted", identity.chain]
      try Command("openssl", arguments + [identity.leaf]).run().orThrow()
    }
    #expect(authority.formerRoots.count == 1)
  }

  @Test("shows in a leaf what the X509-SVID profile asks for")
  func text() throws {
    let files = try Files()
    let identity = try files.written(files.authority.web(files.now_s))
    let text = try Command("openssl", ["x509", "-in", identity.leaf, "-noout", "-text"]).run().orThrow().output
    for part in [
      "Version: 3 (0x2)", "Signature Algorithm: ecdsa-with-SHA256", "Subject: \n", "NIST CURVE: P-256",
      "X509v3 Basic Constraints: critical\n                CA:FALSE",
      "X509v3 Key Usage: critical\n                Digital Signature\n",
      "TLS Web Server Authentication, TLS Web Client Authentication", "X509v3 Authority Key Identifier",
      "X509v3 Subject Alternative Name: critical\n                URI:spiffe://mesh.test/ns/shop/sa/web\n",
    ] { #expect(text.contains(part), "\(part) in \(text)") }
    let issuer = try Command("openssl", ["x509", "-in", identity.chain, "-noout", "-text"]).run().orThrow().output
    for part in [
      "CA:TRUE, pathlen:0", "X509v3 Key Usage: critical\n                Certificate Sign, CRL Sign\n",
      "URI:spiffe://mesh.test\n", "O = weft, CN = weft intermediate ",
    ] { #expect(issuer.contains(part), "\(part) in \(issuer)") }
    let root = try Command("openssl", ["x509", "-in", files.roots, "-noout", "-text"]).run().orThrow().output
    for part in ["CA:TRUE, pathlen:1", "O = weft, CN = weft root ", "URI:spiffe://mesh.test\n"] {
      #expect(root.contains(part), "\(part) in \(root)")
    }
  }

  /// Runs a server with one identity and a client with another; what both say.
  private func handshake(_ server: Identity, _ client: Identity, _ files: Files) throws -> (Outcome, server: String) {
    let (server, client) = (try files.written(server), try files.written(client))
    func options(_ identity: (leaf: String, chain: String, key: String)) -> [String] {
      ["-CAfile", files.roots, "-cert", identity.leaf, "-cert_chain", identity.chain, "-key", identity.key]
        + ["-verify_return_error", "-tls1_3"]
    }
    let listening = try Command(
      "openssl",
      ["s_server", "-accept", "127.0.0.1:0", "-naccept", "1", "-Verify", "3"] + options(server)
    ).with(\.keepsInputOpen, true).start()
    let address = try listening.output.await("address") { text in
      text.split(separator: "\n").first { $0.hasPrefix("ACCEPT 127.0.0.1:") }.map { String($0.dropFirst(7)) }
    }
    let dial = Command("openssl", ["s_client", "-connect", address] + options(client))
      .with(\.input, Array("hello over mutual TLS\n".utf8))
    let outcome = try dial.run()
    _ = try listening.waitForExit()
    return (outcome, listening.output.text + listening.error.text)
  }

  @Test("shakes hands with mutual authentication between two of the mesh's identities")
  func mutual() throws {
    let files = try Files()
    let (client, server) = try handshake(
      files.authority.web(files.now_s, seed: 1),
      files.authority.web(files.now_s, seed: 2),
      files
    )
    #expect(client.output.contains("Verify return code: 0 (ok)"), "\(client)")
    #expect(server.contains("hello over mutual TLS"), "\(server)")
    #expect(!server.contains("verify error"), "\(server)")
  }

  @Test("refuses the handshake of an identity of another mesh of the same name")
  func foreignClient() throws {
    let files = try Files()
    let other = try Scene.authority(now_s: files.now_s)
    let (_, server) = try handshake(files.authority.web(files.now_s), other.web(files.now_s), files)
    #expect(server.contains("unable to get local issuer certificate"), "\(server)")
    #expect(!server.contains("hello over mutual TLS"), "\(server)")
  }
}
