import Authority
import Foundation
import MeshModel
import Testing
import WeftTestKit

@testable import TransportSecurity

/// Clients that are no proxies of the mesh, before they could say anything.
@Suite("A client of a mesh's proxy")
struct StrangerTests {
  private let mesh: TLSMesh

  init() throws { mesh = try TLSMesh() }

  private static func pem(_ what: String, _ der: [UInt8]) -> [UInt8] {
    let text = Data(der).base64EncodedString(options: .lineLength64Characters)
    return Array("-----BEGIN \(what)-----\n\(text)\n-----END \(what)-----\n".utf8)
  }

  /// A client that believes the mesh and shows `own`, or nothing of itself.
  private func stranger(_ inside: ServerContext.Inside, showing own: ClientCertificate? = nil) throws -> TLSSession {
    let context = try ServerContext(
      trusting: AuthorityStore(pem: mesh.authority.bundle.roots.flatMap { Self.pem("CERTIFICATE", $0) }),
      showing: own,
      inside: inside
    )
    return try TLSSession(context, with: ServerExpectation(asking: nil, names: .init(uris: ["\(mesh.id("db"))"])))
  }

  /// What the handshake comes to at the server, and the alert that it ends with.
  private func serve(_ client: inout TLSSession) throws -> (step: HandshakeStep, client: HandshakeStep) {
    var server = try TLSSession(mesh.server(), with: .member)
    let (up, down) = (CipherBuffer(), CipherBuffer())
    var nothing = UnsafeRawBufferPointer(start: nil, count: 0)
    var steps = (step: HandshakeStep.waiting, client: client.shake(&nothing, into: up, now_s: TLSMesh.start_s))
    // Two flights each way, and one for an alert.
    for _ in 0..<3 {
      let (toServer, _) = (Array(up.bytes), up.clear())
      toServer.withUnsafeBytes { bytes in
        var rest = bytes
        if steps.step == .waiting { steps.step = server.shake(&rest, into: down, now_s: TLSMesh.start_s) }
      }
      let (toClient, _) = (Array(down.bytes), down.clear())
      toClient.withUnsafeBytes { bytes in
        var rest = bytes
        if steps.client == .waiting { steps.client = client.shake(&rest, into: up, now_s: TLSMesh.start_s) }
        var plain = [UInt8](repeating: 0, count: 64)
        if steps.client == .established, !rest.isEmpty,
          case .failed(let fault) = plain.withUnsafeMutableBytes({ client.open(&rest, into: $0, answers: up) })
        {
          steps.client = .failed(fault)
        }
      }
    }
    return steps
  }

  @Test("that shows no certificate is refused, and told so")
  func nameless() throws {
    var client = try stranger(.http2)
    let steps = try serve(&client)
    #expect(steps.step == .failed(.peer(PeerFault(.missing))))
    #expect(steps.client == .failed(.alert(116)), "certificate_required (RFC 8446 section 6.2)")
  }

  @Test("that shows more bytes of certificates than are taken is not listened to any longer")
  func longChain() throws {
    let path = (0..<8).map { _ in String(repeating: "a", count: 200) }.joined(separator: "/")
    var random = SplitMix64(seed: 1)
    let id = try SPIFFEID("spiffe://mesh.test/\(path)")
    let issued = try mesh.authority.issue(id, now_s: TLSMesh.start_s, using: &random)
    let leaf = Self.pem("CERTIFICATE", issued.certificate.chain[0])
    // As many as the client takes from a file: OpenSSL sends them whatever they are.
    let own = try ClientCertificate(
      chain: Array(repeatElement(leaf, count: 10).joined()),
      key: Self.pem("PRIVATE KEY", issued.key.bytes)
    )
    #expect(issued.certificate.chain[0].count * 10 > CertificateLimit.chainBytes)
    var client = try stranger(.http2, showing: own)
    let steps = try serve(&client)
    guard case .failed(.violation) = steps.step else {
      Issue.record("all of it was read: \(steps)")
      return
    }
  }

  @Test(
    "that would speak anything but HTTP/2 is refused by the name of its protocol, before its certificate is asked for"
  )
  func otherProtocol() throws {
    var client = try stranger(.requests)
    let steps = try serve(&client)
    guard case .failed(.violation) = steps.step else {
      Issue.record("http/1.1 was agreed on: \(steps)")
      return
    }
    #expect(steps.client == .failed(.alert(120)), "no_application_protocol (RFC 7301 section 3.2)")
  }

  @Test("that says nothing of what it would speak is refused as one that would speak something else, whoever it is")
  func noProtocol() throws {
    var random = SplitMix64(seed: 1)
    let issued = try mesh.authority.issue(mesh.id("web"), now_s: TLSMesh.start_s, using: &random)
    let own = try ClientCertificate(
      chain: issued.certificate.chain.flatMap { Self.pem("CERTIFICATE", $0) },
      key: Self.pem("PRIVATE KEY", issued.key.bytes)
    )
    var member = try stranger(.http2, showing: own)
    #expect(try serve(&member).step == .established)
    for certificate in [own, nil] {
      var client = try stranger(.opaque, showing: certificate)
      let steps = try serve(&client)
      guard case .failed(let fault) = steps.step, "\(fault)".hasSuffix("no application protocol") else {
        Issue.record("it was let in: \(steps)")
        return
      }
      #expect(steps.client == .failed(.alert(120)), "no_application_protocol (RFC 7301 section 3.2)")
    }
  }

  @Test("that speaks no TLS newer than 1.2 is refused at its first words")
  func oldVersion() throws {
    // `openssl s_client -noservername -tls1_2`.
    let text = """
      16030100b7010000b30303930a79f3d5395155b3cc2b64ca7e790ab8879028d57e80c07c2167b7a20c6cc8000038c02cc030009fcca9cca8\
      ccaac02bc02f009ec024c028006bc023c0270067c00ac0140039c009c0130033009d009c003d003c0035002f00ff01000052000b00040300\
      0102000a000c000a001d0017001e00190018002300000016000000170000000d002a0028040305030603080708080809080a080b08040805\
      0806040105010601030303010302040205020602
      """
    let digits = Array(text)
    let hello = stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0..<$0 + 2]), radix: 16) ?? 0 }
    var server = try TLSSession(mesh.server(), with: .member)
    let output = CipherBuffer()
    let step = hello.withUnsafeBytes { bytes in
      var rest = bytes
      return server.shake(&rest, into: output, now_s: TLSMesh.start_s)
    }
    guard case .failed(.violation) = step else {
      Issue.record("TLS 1.2 was agreed on: \(step)")
      return
    }
    // An alert record (type 21): fatal (2), protocol_version (70).
    #expect(Array(output.bytes) == [21, 3, 3, 0, 2, 2, 70])
  }
}
