public import Authority
internal import Crypto
internal import Foundation
internal import MeshModel
internal import NIOSSL
public import Replication
internal import Synchronization

/// Who this host is to others, and whom it believes: what every new connection is made of. It changes with renewals and
/// rotations while connections that are open live on.
public final class PeerTrust: Sendable {
  /// Whose records this host writes.
  public let owner: OwnerID
  /// Made by chance, so that two agents of one key can be told apart.
  let run = (0..<runBytes).map { _ in UInt8.random(in: .min ... .max) }
  let keyring: AgentKeyring
  private let shownCredential: Mutex<[UInt8]>
  private let state: Mutex<State>
  private let watchers = Mutex<(next: UInt64, bodies: [UInt64: @Sendable () -> Void])>((0, [:]))

  /// Bytes of a run: never the same twice.
  static let runBytes = 16

  struct State: Sendable {
    let identity: Identity
    let verifier: PeerVerifier
    let serverContext: NIOSSLContext
    /// SHA-256 of the certificate that is shown.
    let leaf: [UInt8]
    /// The keyring's roots, among them those that the bundle has no more.
    let keyringGeneration: UInt64

    /// Whether a root of the bundle vouches for a chain now.
    func believes(_ chain: [[UInt8]]) -> Bool { (try? verifier.verify(chain, now_s: PeerTrust.now_s)) != nil }
  }

  /// A host with its certificate.
  public init(
    owner: OwnerID,
    credential: [UInt8],
    keyring: AgentKeyring,
    identity: Identity,
    bundle: TrustBundle,
    revoked: Set<KeyFingerprint> = []
  ) throws {
    self.owner = owner
    shownCredential = Mutex(credential)
    self.keyring = keyring
    state = Mutex(try Self.state(identity, bundle, revoked, keyring))
  }

  /// What admits this host's records.
  var credential: [UInt8] { shownCredential.withLock { $0 } }

  /// Shows this credential, of the same owner, on connections from now on.
  public func update(credential: [UInt8]) { shownCredential.withLock { $0 = credential } }

  /// Shows this certificate, and believes this bundle but for the intermediates of hosts with the `revoked` keys, on
  /// connections from now on. Those that are open end where nothing of that vouches for the other side any more, and
  /// their streams where the keyring, which is to be brought up to date before, does not admit the owner that they
  /// speak for.
  public func update(identity: Identity, bundle: TrustBundle, revoked: Set<KeyFingerprint> = []) throws {
    let (new, fault) = try next(identity, bundle, revoked)
    let former = state.withLock { state in
      defer { state = new }
      return state
    }
    // A renewal alone changes nothing for whoever is believed.
    let isOther =
      former.verifier.bundle.roots != bundle.roots || former.verifier.revoked != revoked
      || former.keyringGeneration != new.keyringGeneration
    if isOther { for body in watchers.withLock({ Array($0.bodies.values) }) { body() } }
    if let fault { throw fault }
  }

  /// What follows. Where nothing of the bundle vouches for this host's own certificate, the one of before is shown on, and told by
  /// the fault; whom this host believes does not wait for that.
  private func next(
    _ identity: Identity,
    _ bundle: TrustBundle,
    _ revoked: Set<KeyFingerprint>
  ) throws -> (State, fault: PeerError?) {
    do { return (try Self.state(identity, bundle, revoked, keyring), nil) } catch let fault as PeerError {
      let now = now
      let state = State(
        identity: now.identity,
        verifier: try PeerVerifier(bundle, revoked: revoked),
        serverContext: now.serverContext,
        leaf: now.leaf,
        keyringGeneration: keyring.generation
      )
      return (state, fault)
    }
  }

  /// Calls `body` whenever other roots are believed, until `unwatch`.
  func watch(_ body: @escaping @Sendable () -> Void) -> UInt64 {
    watchers.withLock { watchers in
      watchers.next += 1
      watchers.bodies[watchers.next] = body
      return watchers.next
    }
  }

  func unwatch(_ number: UInt64) { watchers.withLock { $0.bodies[number] = nil } }

  /// Says whenever other roots are believed; who is slow learns of several changes as of one.
  func updates() -> AsyncStream<Void> {
    let (updates, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let number = watch { continuation.yield() }
    continuation.onTermination = { [weak self] _ in self?.unwatch(number) }
    return updates
  }

  var now: State { state.withLock { $0 } }

  static var now_s: Int64 { Int64(Date().timeIntervalSince1970) }

  static func digest(_ der: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: der)) }

  private static func state(
    _ identity: Identity,
    _ bundle: TrustBundle,
    _ revoked: Set<KeyFingerprint>,
    _ keyring: AgentKeyring
  ) throws -> State {
    let verifier = try PeerVerifier(bundle, revoked: revoked)
    guard identity.spiffeID.hostName != nil, let leaf = identity.certificate.chain.first else {
      throw PeerError.certificate("\(identity.spiffeID) is no host")
    }
    // Whoever joins finds the root that its token pins at the end of the chain.
    let root = bundle.roots.first { root in
      let one = TrustBundle(trustDomain: bundle.trustDomain, version: bundle.version, roots: [root])
      return (try? PeerVerifier(one).verify(identity.certificate.chain, now_s: now_s)) != nil
    }
    guard let root else {
      do { _ = try PeerChain.verified(identity.certificate.chain, by: verifier) } catch {
        throw PeerError.certificate("\(error)")
      }
      throw PeerError.certificate("no root of the bundle vouches for it")
    }
    let chain = try (identity.certificate.chain + [root]).map {
      NIOSSLCertificateSource.certificate(try NIOSSLCertificate(bytes: $0, format: .der))
    }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain,
      privateKey: .privateKey(try NIOSSLPrivateKey(bytes: identity.key.bytes, format: .der))
    )
    configuration.minimumTLSVersion = .tlsv13
    configuration.applicationProtocols = ["h2"]
    // Who joins has none yet. What is shown is verified by `verifier`.
    configuration.certificateVerification = .optionalVerification
    configuration.trustRoots = .certificates([])
    return State(
      identity: identity,
      verifier: verifier,
      serverContext: try NIOSSLContext(configuration: configuration),
      leaf: digest(leaf),
      keyringGeneration: keyring.generation
    )
  }
}

/// The other end of a connection: its host, and the certificates that each side showed.
struct PeerEnds: Hashable, Sendable {
  let host: String
  let ownLeaf: [UInt8]
  let peerLeaf: [UInt8]
}
