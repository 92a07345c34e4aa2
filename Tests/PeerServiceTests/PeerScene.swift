import Authority
import Foundation
import GRPCCore
import Logging
import MeshModel
import NIOPosix
import Replication
import Synchronization

@testable import PeerService

/// A mesh with its authority, for real connections on loopback.
struct PeerScene {
  var authority: AuthorityState
  let domain: TrustDomain

  /// A mesh that is so old.
  init(_ domain: String = "mesh.test", age_s: Int64 = 0) throws {
    self.domain = try TrustDomain(domain)
    authority = try AuthorityState(new: self.domain, now_s: PeerTrust.now_s - age_s)
  }

  /// A mesh whose root was replaced: the new one alone is there, and the old one left so long ago.
  func replacingRoot(ago_s: Int64 = 0) throws -> PeerScene {
    var scene = self
    let left_s = PeerTrust.now_s - ago_s
    let steps = [AuthorityTiming.propagation_s + AuthorityTiming.retirement_s, AuthorityTiming.retirement_s, 0]
    _ = try scene.authority.rotateRoot(now_s: left_s - steps[0])
    for step in steps[1...] { _ = try scene.authority.tick(now_s: left_s - step) }
    return scene
  }

  /// A host's certificate and key.
  func identity(_ name: String, now_s: Int64 = PeerTrust.now_s) throws -> Identity {
    var random = SystemRandomNumberGenerator()
    return try authority.issue(.host(domain, name: name), now_s: now_s, using: &random)
  }

  /// A host of the mesh; `speaksFor` makes it lie about its owner, `former` is whom its owner was admitted by.
  func host(
    _ name: String,
    speaksFor owner: String? = nil,
    admittedBy former: AuthorityState? = nil,
    now_s: Int64 = PeerTrust.now_s
  ) throws -> PeerTrust {
    var random = SystemRandomNumberGenerator()
    let key = HostKey()
    let admitting = former ?? authority
    let credential = try admitting.admit(ownerName: owner ?? name, publicKey: key.publicKey, now_s: PeerTrust.now_s)
    let roots = authority.bundle.roots + (former?.bundle.roots ?? [])
    return try PeerTrust(
      owner: credential.owner,
      credential: credential.encoded,
      keyring: AgentKeyring(key: key, trustDomain: domain, roots: roots),
      identity: authority.issue(.host(domain, name: name), now_s: now_s, using: &random),
      bundle: authority.bundle
    )
  }
}

/// An agent that keeps what it is told, and lets hosts in by real tokens.
final class HeldHandler: PeerHandler {
  let scene: PeerScene
  let tokens = Mutex(JoinTokens())
  let messages: AsyncStream<(bytes: [UInt8], owner: OwnerID)>
  private let sink: AsyncStream<(bytes: [UInt8], owner: OwnerID)>.Continuation
  /// How far its clock is ahead of the others'.
  let ahead_s: Int64
  /// What it answers to every join in place of letting anybody in.
  let joinFailure: RPCError?
  /// What it answers in place of what is right.
  let lies = Mutex(Lies())

  struct Lies: Sendable {
    /// Whom it signs for.
    var signs: SPIFFEID?
    /// What it says to who joins.
    var join: (@Sendable (inout Admission) -> Void)?
    /// What it says is the root's credential.
    var confirmation: [UInt8]?
  }

  init(_ scene: PeerScene, ahead_s: Int64 = 0, joinFailure: RPCError? = nil) {
    self.scene = scene
    self.ahead_s = ahead_s
    self.joinFailure = joinFailure
    (messages, sink) = AsyncStream.makeStream()
  }

  func join(_ application: JoinApplication) async throws -> Admission {
    if let joinFailure { throw joinFailure }
    let now_s = PeerTrust.now_s
    try tokens.withLock { tokens throws(JoinRefusal) in
      try tokens.redeem(application.secret, hostName: application.hostName, now_s: now_s)
    }
    var random = SystemRandomNumberGenerator()
    let lies = lies.withLock { $0 }
    let id = try lies.signs ?? SPIFFEID.host(scene.domain, name: application.hostName)
    var admission = Admission(
      meshName: "test",
      bundle: scene.authority.bundle,
      formerRoots: scene.authority.formerRoots,
      chain: try scene.authority.issue(id, request: application.certificateRequest, now_s: now_s, using: &random).chain,
      credential: try scene.authority.admit(
        ownerName: application.hostName,
        publicKey: application.ownerKey,
        now_s: now_s
      ).encoded,
      gossipKey: [UInt8](repeating: 7, count: 32),
      gossipPeers: []
    )
    lies.join?(&admission)
    return admission
  }

  func sign(_ id: SPIFFEID, request: [UInt8], host: String) async throws -> (chain: [[UInt8]], roots: [[UInt8]]) {
    var random = SystemRandomNumberGenerator()
    let id = lies.withLock { $0.signs } ?? id
    let signed = try scene.authority.issue(id, request: request, now_s: PeerTrust.now_s + ahead_s, using: &random)
    return (signed.chain, scene.authority.bundle.roots)
  }

  func signJWT(_ id: SPIFFEID, for audiences: JWTAudiences) async throws -> SignedJWT {
    try JWTSigningKeys(scene.domain, now_s: PeerTrust.now_s + ahead_s)
      .sign(lies.withLock { $0.signs } ?? id, for: audiences, now_s: PeerTrust.now_s + ahead_s)
  }

  /// Who has the role, as far as this agent is concerned.
  let roster = Mutex<AuthorityRoster?>(nil)

  func delegate(_ owner: OwnerID, request: [UInt8]) async throws -> [UInt8] {
    guard let roster = roster.withLock({ $0 }) else { throw PeerError.refused("there is no roster") }
    return try scene.authority.delegate(to: owner, request: request, in: roster, now_s: PeerTrust.now_s)
  }

  func confirm(_ credential: OwnerCredential) async throws -> [UInt8] {
    if let confirmation = lies.withLock({ $0.confirmation }) { return confirmation }
    return try scene.authority.admit(
      ownerName: credential.ownerName,
      publicKey: credential.publicKey,
      now_s: PeerTrust.now_s
    ).encoded
  }

  func trust() async throws -> TrustAnswer {
    TrustAnswer(
      roots: scene.authority.bundle.roots,
      intermediates: scene.authority.issuers,
      formerRoots: scene.authority.formerRoots,
      bundleVersion: scene.authority.bundle.version,
      statement: try scene.authority.trustStatement().encoded,
      handovers: await handovers()
    )
  }

  func metCopy(at ip: IPAddress) async {}

  func greeted(by owner: OwnerID, credential: [UInt8]) async {}

  func forgottenRoots() async -> [[UInt8]] { scene.authority.forgottenRoots(now_s: PeerTrust.now_s) }

  func handovers() async -> [Handover] { scene.authority.handovers(now_s: PeerTrust.now_s) }

  func receive(_ message: [UInt8], from owner: OwnerID) async { sink.yield((message, owner)) }
}

extension PeerServer {
  /// Serves while `body` runs, on a port of the kernel's choice.
  func serving(_ body: @Sendable @escaping (MeshModel.SocketAddress) async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await self.run() }
      let port = await self.port ?? 0
      do { try await body(SocketAddress(IPAddress(v4: 0x7f00_0001), port: port)) } catch {
        group.cancelAll()
        throw error
      }
      group.cancelAll()
    }
  }

  static func onLoopback(
    _ trust: PeerTrust,
    _ handler: any PeerHandler,
    port: UInt16 = 0,
    bounds: PeerBounds = PeerBounds()
  ) -> PeerServer {
    PeerServer(
      SocketAddress(IPAddress(v4: 0x7f00_0001), port: port),
      trust: trust,
      handler: handler,
      counts: PeerCounts(),
      log: Logger(label: "test"),
      loops: .singletonMultiThreadedEventLoopGroup,
      bounds: bounds
    )
  }
}

extension PeerCounts {
  /// Waits until something was counted so often; the suite's time limit ends it otherwise.
  func reach(_ name: String, _ count: UInt64 = 1) async throws {
    while snapshot[name, default: 0] < count { try await Task.sleep(for: .milliseconds(5)) }
  }
}
