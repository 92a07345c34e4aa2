import Authority
import Foundation
import MeshAPI
import MeshModel
import MeshServices
import Replication
import Synchronization
import Testing

@testable import PeerService

@Suite("An agent that answers with something else than was asked for", .timeLimit(.minutes(1)))
struct PeerAnswerTests {
  private let scene: PeerScene

  init() throws { scene = try PeerScene() }

  private func serving(
    _ change: (inout HeldHandler.Lies) throws -> Void,
    _ body: @Sendable @escaping (SocketAddress, HeldHandler) async throws -> Void
  ) async throws {
    let handler = HeldHandler(scene)
    try handler.lies.withLock { try change(&$0) }
    try await PeerServer.onLoopback(try scene.host("b"), handler).serving { try await body($0, handler) }
  }

  private func token(_ handler: HeldHandler, _ address: SocketAddress) throws -> JoinToken {
    try handler.tokens.withLock { tokens throws(JoinMintFault) in
      try tokens.mint(pin: scene.authority.pin, addresses: [address], now_s: PeerTrust.now_s).token
    }
  }

  @Test(
    "is not believed by who joins: another mesh's roots, another host's certificate or credential, a roster of nobody's"
  )
  func joins() async throws {
    let other = try PeerScene()
    let key = HostKey()
    let now_s = PeerTrust.now_s
    func credential(_ scene: PeerScene, _ name: String, _ key: HostKey) throws -> [UInt8] {
      try scene.authority.admit(ownerName: name, publicKey: key.publicKey, now_s: now_s).encoded
    }
    let strange = try other.authority.roster(
      of: OwnerID(name: "h1", key: HostKey().fingerprint),
      after: nil,
      now_s: now_s
    ).encoded
    let (foreign, renamed, rekeyed) = (
      try credential(other, "new", key), try credential(scene, "other", key), try credential(scene, "new", HostKey())
    )
    let chain = try other.identity("new").certificate.chain
    let lies: [@Sendable (inout Admission) -> Void] = [
      { admission in
        admission.bundle = other.authority.bundle
        (admission.chain, admission.credential) = (chain, foreign)
      }, { $0.chain = chain }, { $0.credential = foreign }, { $0.credential = renamed }, { $0.credential = rekeyed },
      { $0.roster = strange },
    ]
    try await serving({ _ in }) { address, handler in
      let joined = try await PeerJoin.join(token(handler, address), hostName: "new", hostKey: key)
      #expect(joined.identity.spiffeID.hostName == "new")
    }
    for (index, lie) in lies.enumerated() {
      try await serving({ $0.join = lie }) { address, handler in
        await #expect(throws: PeerError.self, "\(index)") {
          try await PeerJoin.join(token(handler, address), hostName: "new", hostKey: key)
        }
      }
    }
    let elsewhere = try SPIFFEID.host(scene.domain, name: "other")
    try await serving({ $0.signs = elsewhere }) { address, handler in
      await #expect(throws: PeerError.self) {
        try await PeerJoin.join(token(handler, address), hostName: "new", hostKey: key)
      }
    }
  }

  @Test("is not believed by who has something signed: a certificate or a token of somebody else")
  func signatures() async throws {
    let a = try scene.host("a")
    let (web, bank) = (
      try SPIFFEID.workload(scene.domain, namespace: "shop", serviceAccount: "web"),
      try SPIFFEID.workload(scene.domain, namespace: "shop", serviceAccount: "bank")
    )
    let audiences = try #require(JWTAudiences(["db"]))
    let host = try SPIFFEID.host(scene.domain, name: "c")
    try await serving({ $0.signs = bank }) { address, _ in
      let calls = PeerCalls(trust: a)
      await #expect(throws: PeerError.self) {
        _ = try await calls.sign(web, request: CertificateRequest().der, at: address)
      }
      await #expect(throws: PeerError.self) { _ = try await calls.signJWT(web, for: audiences, at: address) }
    }
    try await serving({ $0.signs = host }) { address, _ in
      await #expect(throws: PeerError.self) {
        _ = try await PeerRenewal.renew(
          a.now.identity,
          request: CertificateRequest().der,
          credential: a.credential,
          keyring: a.keyring,
          bundle: scene.authority.bundle,
          at: address
        )
      }
    }
  }

  @Test("is not believed by who has itself confirmed: no root's word, another host's, another mesh's")
  func confirmations() async throws {
    let (a, c, now_s) = (try scene.host("a"), try scene.host("c"), PeerTrust.now_s)
    let stranger = try PeerScene()
    let signer = HostKey()
    let own = try scene.authority.admit(ownerName: "h2", publicKey: signer.publicKey, now_s: now_s)
    let ring = try AgentKeyring(key: signer, trustDomain: scene.domain, roots: scene.authority.bundle.roots)
    let publicKey = try OwnerCredential(decoding: a.credential).publicKey
    let answers = [
      try ring.admit("a", publicKey: publicKey, by: own.encoded, now_s: now_s).encoded, c.credential,
      try stranger.authority.admit(ownerName: "a", publicKey: publicKey, now_s: now_s).encoded, [],
    ]
    // The authority is one, so that its word alone is not what is wrong.
    let host = try PeerTrust(
      owner: a.owner,
      credential: a.credential,
      keyring: AgentKeyring(
        key: nil,
        trustDomain: scene.domain,
        roots: scene.authority.bundle.roots,
        authorities: [own.owner]
      ),
      identity: scene.identity("a"),
      bundle: scene.authority.bundle
    )
    for (index, answer) in answers.enumerated() {
      try await serving({ $0.confirmation = answer }) { address, _ in
        await #expect(throws: PeerError.self, "\(index)") { _ = try await PeerCalls(trust: host).confirm(at: address) }
      }
    }
    try await serving({ _ in }) { address, _ in
      let confirmed = try await PeerCalls(trust: host).confirm(at: address)
      #expect(try OwnerCredential(decoding: confirmed).owner == a.owner)
    }
  }

  @Test("is asked to let in who has not the key that it names, and does not; the token admits once more")
  func proof() async throws {
    let a = try scene.host("a")
    try await serving({ _ in }) { address, handler in
      let token = try token(handler, address)
      let (victim, thief, request) = (HostKey(), HostKey(), try CertificateRequest())
      for proof in [thief.proof(for: request.der), victim.sign(request.der), victim.proof(for: request.der + [0]), []] {
        await #expect(throws: PeerError.self) {
          _ = try await PeerCalls(trust: a).call(address) { peers in
            var message = Weft_Peer_V1_JoinRequest()
            message.secret = Data(token.secret.bytes)
            message.hostName = "new"
            message.certificateRequest = Data(request.der)
            message.ownerKey = Data(victim.publicKey)
            message.ownerProof = Data(proof ?? [])
            return try await peers.join(message)
          }
        }
      }
      #expect(handler.tokens.withLock { $0.records.map(\.usesLeft) } == [1])
    }
  }
}
