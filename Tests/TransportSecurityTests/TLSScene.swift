import Authority
import MeshModel
import Replication
import Testing
import WeftTestKit

@testable import TransportSecurity

/// A mesh with identities of its own authority.
struct TLSMesh {
  static let start_s: Int64 = 1_764_000_000

  let domain: TrustDomain
  let authority: AuthorityState
  let trust: PeerTrust

  init(_ name: String = "mesh.test") throws {
    domain = try TrustDomain(name)
    authority = try AuthorityState(new: domain, now_s: Self.start_s)
    trust = try PeerTrust(domain, roots: authority.bundle.roots)
  }

  func id(_ account: String) throws -> SPIFFEID { try .workload(domain, namespace: "shop", serviceAccount: account) }

  func identity(_ account: String, at now_s: Int64 = start_s) throws -> OwnIdentity {
    var random = SplitMix64(seed: 1)
    let issued = try authority.issue(try id(account), now_s: now_s, using: &random)
    return try OwnIdentity(chain: issued.certificate.chain, key: issued.key.bytes, in: domain)
  }

  /// A host's authority, and a certificate that it has signed.
  func delegate(_ host: String = "h2") throws -> (key: [UInt8], issued: (String) throws -> OwnIdentity) {
    let owner = OwnerID(name: host, key: HostKey().fingerprint)
    let first = OwnerID(name: "h1", key: HostKey().fingerprint)
    let now_s = Self.start_s
    let roster = try authority.grant(owner, in: authority.roster(of: first, after: nil, now_s: now_s), now_s: now_s)
    let request = try CertificateRequest()
    let der = try authority.delegate(to: owner, request: request.der, in: roster, now_s: now_s)
    var random = SplitMix64(seed: 3)
    let signer = try DelegatedAuthority(
      der,
      key: request.key,
      of: owner,
      bundle: authority.bundle,
      now_s: now_s,
      using: &random
    )
    return (
      owner.key.bytes,
      { account in
        var random = SplitMix64(seed: 4)
        let issued = try signer.issue(try self.id(account), now_s: now_s, using: &random)
        return try OwnIdentity(chain: issued.certificate.chain, key: issued.key.bytes, in: self.domain)
      }
    )
  }

  func client(_ account: String = "web", keyLog: Int32? = nil) throws -> TLSContext {
    try TLSContext(.client, identity(account), trusting: trust, keyLog: keyLog)
  }

  func server(_ account: String = "db", tickets: TicketKeys? = nil) throws -> TLSContext {
    try TLSContext(.server, identity(account), trusting: trust, tickets: tickets)
  }
}

/// Two sessions that talk to each other without sockets.
struct TLSPair: ~Copyable {
  var client: TLSSession
  var server: TLSSession
  let fromClient = CipherBuffer()
  let fromServer = CipherBuffer()

  init(
    _ client: borrowing TLSContext,
    _ server: borrowing TLSContext,
    expecting peer: PeerExpectation = .member
  ) throws {
    let one = try TLSSession(client, with: peer)
    let other = try TLSSession(server, with: .member)
    self.client = one
    self.server = other
  }

  /// Hands bytes to and fro, at most `piece` at once, until both sides are done or one has failed.
  mutating func shake(
    now_s: Int64 = TLSMesh.start_s,
    piece: Int = .max
  ) -> (client: HandshakeStep, server: HandshakeStep) {
    var nothing = UnsafeRawBufferPointer(start: nil, count: 0)
    var steps = (client: client.shake(&nothing, into: fromClient, now_s: now_s), server: HandshakeStep.waiting)
    // A full handshake is three flights; more rounds than this is a loop.
    for _ in 0..<8 {
      let toServer = Array(fromClient.bytes)
      fromClient.clear()
      let toClient = Array(fromServer.bytes)
      fromServer.clear()
      if toServer.isEmpty, toClient.isEmpty { break }
      for part in toServer.pieces(of: piece) {
        part.withUnsafeBytes { bytes in
          var rest = bytes
          if steps.server == .waiting { steps.server = server.shake(&rest, into: fromServer, now_s: now_s) }
        }
      }
      for part in toClient.pieces(of: piece) {
        part.withUnsafeBytes { bytes in
          var rest = bytes
          if steps.client == .waiting { steps.client = client.shake(&rest, into: fromClient, now_s: now_s) }
          // Tickets, and alerts of who refuses after this side was done, come behind the handshake.
          if steps.client == .established, !rest.isEmpty {
            if case .failed(let fault) = Self.drain(&client, rest, fromClient) { steps.client = .failed(fault) }
          }
        }
      }
    }
    return steps
  }

  private static func drain(
    _ session: inout TLSSession,
    _ bytes: UnsafeRawBufferPointer,
    _ output: CipherBuffer
  ) -> OpenStep {
    var rest = bytes
    var plain = [UInt8](repeating: 0, count: 64)
    return plain.withUnsafeMutableBytes { session.open(&rest, into: $0, answers: output) }
  }

  /// What the server reads of what the client says, which may take several calls.
  mutating func say(_ message: [UInt8]) -> [UInt8]? {
    var heard: [UInt8] = []
    var sent = 0
    while sent < message.count {
      let count = message[sent...].withUnsafeBytes { client.seal($0, into: fromClient) }
      guard let count, count > 0 else { return nil }
      sent += count
      let cipher = Array(fromClient.bytes)
      fromClient.clear()
      guard let plain = hear(cipher) else { return nil }
      heard += plain
    }
    return heard
  }

  /// What the server makes of these bytes; nil where they end the session.
  mutating func hear(_ cipher: [UInt8]) -> [UInt8]? {
    var heard: [UInt8] = []
    var isWhole = true
    var plain = [UInt8](repeating: 0, count: 4096)
    cipher.withUnsafeBytes { bytes in
      var rest = bytes
      while true {
        let step = plain.withUnsafeMutableBytes { server.open(&rest, into: $0, answers: fromServer) }
        guard case .bytes(let count) = step else {
          isWhole = step == .waiting
          return
        }
        heard += plain[..<count]
      }
    }
    return isWhole ? heard : nil
  }
}

extension [UInt8] {
  fileprivate func pieces(of count: Int) -> [[UInt8]] {
    guard self.count > count else { return isEmpty ? [] : [self] }
    return stride(from: 0, to: self.count, by: count).map { Array(self[$0..<Swift.min($0 + count, self.count)]) }
  }
}
