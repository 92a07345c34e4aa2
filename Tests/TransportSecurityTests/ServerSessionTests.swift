import Authority
import Foundation
import MeshModel
import Testing
import WeftTestKit

@testable import TransportSecurity

/// TLS to servers outside the mesh, without sockets. The server is one of a mesh, since those can be made here: its certificate
/// has one URI name, and it wants one of its clients.
@Suite("A session with a server outside the mesh")
struct ServerSessionTests {
  private let mesh: TLSMesh
  private let server: TLSContext
  private let own: ClientCertificate
  private let name = "spiffe://mesh.test/ns/shop/sa/db"

  init() throws {
    mesh = try TLSMesh()
    server = try mesh.server(tickets: TicketKeys())
    var random = SplitMix64(seed: 2)
    let issued = try mesh.authority.issue(try mesh.id("web"), now_s: TLSMesh.start_s, using: &random)
    own = try ClientCertificate(
      chain: issued.certificate.chain.flatMap { Self.pem("CERTIFICATE", $0) },
      key: Self.pem("PRIVATE KEY", issued.key.bytes)
    )
  }

  private static func pem(_ what: String, _ der: [UInt8]) -> [UInt8] {
    Array(
      "-----BEGIN \(what)-----\n\(Data(der).base64EncodedString(options: .lineLength64Characters))\n-----END \(what)-----\n"
        .utf8
    )
  }

  private func context(_ mesh: TLSMesh? = nil) throws -> ServerContext {
    let roots = (mesh ?? self.mesh).authority.bundle.roots
    return try ServerContext(
      trusting: AuthorityStore(pem: roots.flatMap { Self.pem("CERTIFICATE", $0) }),
      showing: own,
      inside: .http2
    )
  }

  private func named(_ uris: String...) -> ServerExpectation {
    ServerExpectation(asking: nil, names: .init(dns: ["db.example"], uris: uris))
  }

  /// What a handshake comes to at the client, and whether it took an earlier session up; tickets are taken in.
  private func shake(
    _ context: ServerContext,
    _ wanted: ServerExpectation,
    at now_s: Int64 = TLSMesh.start_s
  ) throws -> (step: HandshakeStep, isResumed: Bool) {
    var client = try TLSSession(context, with: wanted)
    var server = try TLSSession(self.server, with: .member)
    let (fromClient, fromServer) = (CipherBuffer(), CipherBuffer())
    var nothing = UnsafeRawBufferPointer(start: nil, count: 0)
    var step = client.shake(&nothing, into: fromClient, now_s: now_s)
    var serverStep = HandshakeStep.waiting
    // A full handshake is three flights, and the tickets a fourth.
    for _ in 0..<6 {
      let (toServer, toClient) = (Array(fromClient.bytes), Array(fromServer.bytes))
      fromClient.clear()
      fromServer.clear()
      toServer.withUnsafeBytes { bytes in
        var rest = bytes
        if serverStep == .waiting { serverStep = server.shake(&rest, into: fromServer, now_s: TLSMesh.start_s) }
      }
      toClient.withUnsafeBytes { bytes in
        var rest = bytes
        if step == .waiting { step = client.shake(&rest, into: fromClient, now_s: now_s) }
        guard step == .established else { return }
        var plain = [UInt8](repeating: 0, count: 64)
        plain.withUnsafeMutableBytes { _ = client.open(&rest, into: $0, answers: fromClient) }
      }
    }
    // OpenSSL takes up no session whose connection was cut off.
    client.finish(into: fromClient)
    if step == .established {
      #expect(serverStep == .established)
      #expect(client.agreedProtocol == ServerContext.Inside.http2Name)
    }
    return (step, client.isResumed)
  }

  @Test(
    "stands where an authority vouches for it and it has one of the names, and is taken up again once for each ticket"
  )
  func established() throws {
    let context = try context()
    let first = try shake(context, named("spiffe://a/b", name))
    #expect(first.step == .established && !first.isResumed)
    let second = try shake(context, named("spiffe://a/b", name))
    #expect(second.step == .established && second.isResumed)
    // Who must be somebody else is no one to go on with.
    #expect(try !shake(context, named(name)).isResumed)
    #expect(try !shake(try self.context(), named(name)).isResumed)
  }

  private func refused(_ step: HandshakeStep) -> ServerFault? {
    if case .failed(.server(let fault)) = step { fault } else { nil }
  }

  @Test("fails by name, authority and time, and says which certificate it was")
  func refused() throws {
    let (context, stranger) = (try context(), try context(TLSMesh("other.test")))
    #expect(refused(try shake(context, named("\(name)x")).step) == .otherName)
    #expect(refused(try shake(context, ServerExpectation(asking: "db.example")).step) == .otherName)
    #expect(refused(try shake(context, ServerExpectation(asking: "10.0.0.1")).step) == .otherName)
    #expect(refused(try shake(context, ServerExpectation(asking: nil)).step) == .nameless)
    let foreign = try #require(refused(try shake(stranger, named(name)).step))
    #expect("\(foreign)".contains("leads to no authority that is trusted"), "\(foreign)")
    let late = try #require(refused(try shake(context, named(name), at: TLSMesh.start_s + 3 * 86_400).step))
    #expect("\(late)" == "the server's own certificate has expired; check both clocks")
    let early = try #require(refused(try shake(context, named(name), at: TLSMesh.start_s - 3 * 86_400).step))
    #expect("\(early)".contains("is not valid yet"), "\(early)")
  }

  @Test(
    "is not taken up again when the certificate of the first meeting has expired, or by this clock is not valid yet"
  )
  func resumedLate() throws {
    let context = try context()
    _ = try shake(context, named(name))
    let late = try shake(context, named(name), at: TLSMesh.start_s + 3 * 86_400)
    #expect(refused(late.step).map { "\($0)".contains("has expired") } == true, "\(late)")
    _ = try shake(context, named(name))
    let early = try shake(context, named(name), at: TLSMesh.start_s - 3 * 86_400)
    #expect(refused(early.step).map { "\($0)".contains("is not valid yet") } == true, "\(early)")
    #expect(early.isResumed, "a full handshake would prove nothing of what is taken up")
  }

  @Test("stands with anybody where nothing is verified")
  func unverified() throws {
    let stranger = try context(TLSMesh("other.test"))
    #expect(try shake(stranger, ServerExpectation(asking: nil, isVerified: false)).step == .established)
  }

  @Test("is asked for by names, never by addresses, which certificates have as addresses")
  func askedFor() {
    let name = ServerExpectation(asking: "api.example.com")
    #expect(name.serverName == "api.example.com" && name.names == .init(dns: ["api.example.com"]))
    let address = ServerExpectation(asking: "10.0.0.1")
    #expect(address.serverName == nil && address.names.dns.isEmpty && address.names.addresses.count == 1)
    let other = ServerExpectation(asking: "api.example.com", names: .init(dns: ["b.example"]))
    #expect(other.serverName == "api.example.com" && other.names.dns == ["b.example"])
  }

  @Test("cannot be had of files that hold something else")
  func files() throws {
    let root = Self.pem("CERTIFICATE", mesh.authority.bundle.roots[0])
    let broken = Self.pem("CERTIFICATE", [1, 2, 3])
    #expect(throws: TransportSecurityError.pem(at: 0)) { try AuthorityStore(pem: []) }
    #expect(throws: TransportSecurityError.pem(at: 0)) { try AuthorityStore(pem: Array("hello\n".utf8)) }
    #expect(throws: TransportSecurityError.pem(at: 1)) { try AuthorityStore(pem: root + broken) }
    #expect(throws: TransportSecurityError.pem(at: 0)) { try ClientCertificate(chain: [], key: []) }
    #expect(throws: TransportSecurityError.pemKey) { try ClientCertificate(chain: root, key: root) }
    var random = SplitMix64(seed: 3)
    let other = try mesh.authority.issue(try mesh.id("web"), now_s: TLSMesh.start_s, using: &random)
    #expect(throws: TransportSecurityError.otherKey) {
      try ClientCertificate(chain: root, key: Self.pem("PRIVATE KEY", other.key.bytes))
    }
    // Text between certificates is what people write (RFC 7468 section 5.2).
    _ = try AuthorityStore(pem: Array("# one\n".utf8) + root + Array("# two\n".utf8) + root)
  }
}
