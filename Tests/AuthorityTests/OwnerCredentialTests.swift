import MeshModel
import Replication
import Testing
import WeftTestKit

@testable import Authority

@Suite("An owner's credential")
struct OwnerCredentialTests {
  private let now = Scene.start_s

  private func keyring(_ authority: AuthorityState, _ key: HostKey? = nil) throws -> AgentKeyring {
    try AgentKeyring(
      key: key,
      trustDomain: authority.trustDomain,
      roots: authority.bundle.roots + authority.formerRoots
    )
  }

  @Test("admits the name and the key that the mesh has signed together, and nobody else")
  func admits() throws {
    let (authority, host, other) = (try Scene.authority(), HostKey(), HostKey())
    let credential = try authority.admit(ownerName: "h1", publicKey: host.publicKey, now_s: now)
    let (keyring, bytes) = (try keyring(authority), credential.encoded)
    let owner = OwnerID(name: "h1", key: host.fingerprint)
    #expect(credential.owner == owner && credential.root == authority.pin && credential.issuedAt_s == now)
    #expect(try OwnerCredential(decoding: bytes) == credential)
    #expect(keyring.admits(owner, credential: bytes))
    #expect(!keyring.admits(OwnerID(name: "h2", key: host.fingerprint), credential: bytes))
    #expect(!keyring.admits(OwnerID(name: "h1", key: other.fingerprint), credential: bytes))
    #expect(!keyring.admits(owner, credential: []))
    #expect(!keyring.admits(owner, credential: bytes + [0]))
  }

  @Test("of another mesh admits nobody, even of a mesh of the same name")
  func otherMesh() throws {
    let (authority, other, host) = (try Scene.authority(), try Scene.authority(), HostKey())
    let owner = OwnerID(name: "h1", key: host.fingerprint)
    let foreign = try other.admit(ownerName: "h1", publicKey: host.publicKey, now_s: now)
    #expect(try !keyring(authority).admits(owner, credential: foreign.encoded))
    let named = try AuthorityState(new: TrustDomain("other.test"), now_s: now)
    let credential = try named.admit(ownerName: "h1", publicKey: host.publicKey, now_s: now)
    #expect(try keyring(named).admits(owner, credential: credential.encoded))
    #expect(throws: AuthorityError.malformed("a root of the mesh")) {
      try AgentKeyring(key: nil, trustDomain: Scene.domain, roots: named.bundle.roots)
    }
  }

  @Test("admits for ever: after its root has left the bundle and expired, until that root is forgotten")
  func outlives() throws {
    var (authority, now) = (try Scene.authority(), now)
    let host = HostKey()
    let credential = try authority.admit(ownerName: "h1", publicKey: host.publicKey, now_s: now).encoded
    let owner = OwnerID(name: "h1", key: host.fingerprint)
    let old = authority.pin
    for _ in 0..<3 {
      _ = try authority.rotateRoot(now_s: now)
      #expect(try keyring(authority).admits(owner, credential: credential))
      now += AuthorityTiming.propagation_s
      _ = try authority.tick(now_s: now)
      #expect(try keyring(authority).admits(owner, credential: credential))
      now += AuthorityTiming.retirement_s
      _ = try authority.tick(now_s: now)
      #expect(try keyring(authority).admits(owner, credential: credential))
    }
    let kept = try keyring(authority)
    #expect(kept.admits(owner, credential: credential))
    try authority.forget(root: old, now_s: now)
    try kept.update(roots: authority.bundle.roots + authority.formerRoots)
    #expect(!kept.admits(owner, credential: credential))
    let renewed = try authority.admit(ownerName: "h1", publicKey: host.publicKey, now_s: now)
    #expect(kept.admits(owner, credential: renewed.encoded))
  }

  @Test("is not made by an intermediate or a leaf, whatever chain it could show")
  func notByIntermediates() throws {
    let (authority, host) = (try Scene.authority(), HostKey())
    let signer = try #require(authority.signer(now))
    let forged = try OwnerCredential(
      authority.trustDomain,
      ownerName: "h1",
      publicKey: host.publicKey,
      root: authority.signingRoot,
      signer: signer.key,
      now_s: now
    )
    let other = try OwnerCredential(
      authority.trustDomain,
      ownerName: "h1",
      publicKey: host.publicKey,
      root: signer.certificate,
      signer: signer.key,
      now_s: now
    )
    let owner = OwnerID(name: "h1", key: host.fingerprint)
    for credential in [forged, other] {
      #expect(try !keyring(authority).admits(owner, credential: credential.encoded))
    }
  }

  @Test("is not made for what is no host name or no key")
  func faults() throws {
    let (authority, host) = (try Scene.authority(), HostKey())
    for name in ["", "H1", "a b", "a/b", String(repeating: "a", count: 254)] {
      #expect(throws: AuthorityError.self) {
        try authority.admit(ownerName: name, publicKey: host.publicKey, now_s: now)
      }
    }
    var point = host.publicKey
    point[64] ^= 1
    for key in [[], Array(host.publicKey.dropLast()), host.publicKey + [0], point] {
      #expect(throws: AuthorityError.self) { try authority.admit(ownerName: "h1", publicKey: key, now_s: now) }
    }
  }

  @Test("with the longest names there are fits its bound, which is below replication's")
  func longest() throws {
    let domain = try TrustDomain(String(repeating: "a", count: 255))
    let name = String(repeating: "a", count: 253)
    let credential = try AuthorityState(new: domain, now_s: now)
      .admit(ownerName: name, publicKey: HostKey().publicKey, now_s: 200_000_000_000).encoded
    #expect(credential.count <= OwnerCredential.maxBytes)
    #expect(OwnerCredential.maxBytes <= ReplicationLimits.credentialBytes)
    #expect(try OwnerCredential(decoding: credential).ownerName == name)
    #expect(throws: AuthorityError.self) {
      try OwnerCredential(decoding: [UInt8](repeating: 0x30, count: OwnerCredential.maxBytes + 1))
    }
  }

  @Test("of which any bit was changed admits nobody")
  func bitFlips() throws {
    let (authority, host) = (try Scene.authority(), HostKey())
    let bytes = try authority.admit(ownerName: "h1", publicKey: host.publicKey, now_s: now).encoded
    let (keyring, owner) = (try keyring(authority), OwnerID(name: "h1", key: host.fingerprint))
    var decoded = 0
    for bit in 0..<bytes.count * 8 {
      var changed = bytes
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(!keyring.admits(owner, credential: changed), "bit \(bit)")
      guard let other = try? OwnerCredential(decoding: changed) else { continue }
      decoded += 1
      #expect(other.encoded == changed && !keyring.admits(other.owner, credential: changed), "bit \(bit)")
    }
    #expect(decoded > 1_000)
  }

  @Test("that was damaged by chance admits nobody, and never crashes", arguments: 0..<8 as Range<UInt64>)
  func damaged(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let (authority, host) = (try Scene.authority(), HostKey())
    let bytes = try authority.admit(ownerName: "h1", publicKey: host.publicKey, now_s: now).encoded
    let (keyring, owner) = (try keyring(authority), OwnerID(name: "h1", key: host.fingerprint))
    for _ in 0..<500 {
      let changed = random.mutated(bytes)
      guard changed != bytes else { continue }
      #expect(!keyring.admits(owner, credential: changed), "seed \(seed)")
    }
  }
}
