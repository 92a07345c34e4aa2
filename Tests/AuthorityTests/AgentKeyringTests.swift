import MeshModel
import Replication
import Testing
import WeftTestKit

@testable import Authority

@Suite("An agent's keyring")
struct AgentKeyringTests {
  private struct Host {
    var key = HostKey()
    var owner: OwnerID
    var credential: [UInt8]

    init(_ authority: AuthorityState, name: String) throws {
      owner = OwnerID(name: name, key: key.fingerprint)
      credential = try authority.admit(ownerName: name, publicKey: key.publicKey, now_s: Scene.start_s).encoded
    }
  }

  private func keyring(_ authority: AuthorityState, _ key: HostKey? = nil) throws -> AgentKeyring {
    try AgentKeyring(key: key, trustDomain: authority.trustDomain, roots: authority.bundle.roots)
  }

  @Test("verifies what an admitted owner signed, and nothing else")
  func verifies() throws {
    let authority = try Scene.authority()
    let (one, two) = (try Host(authority, name: "h1"), try Host(authority, name: "h2"))
    let (writer, reader) = (try keyring(authority, one.key), try keyring(authority))
    let message = Array("a record".utf8)
    let signature = try #require(writer.sign(message))
    #expect(signature.count <= ReplicationLimits.signatureBytes)
    #expect(reader.verify(signature, of: message, by: one.owner, credential: one.credential))
    #expect(!reader.verify(signature, of: message + [0], by: one.owner, credential: one.credential))
    #expect(!reader.verify(signature, of: message, by: two.owner, credential: two.credential))
    #expect(!reader.verify(signature, of: message, by: one.owner, credential: two.credential))
    #expect(!reader.verify([], of: message, by: one.owner, credential: one.credential))
    for bit in 0..<signature.count * 8 {
      var changed = signature
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(!reader.verify(changed, of: message, by: one.owner, credential: one.credential))
    }
    #expect(reader.sign(message) == nil)
  }

  @Test("does not verify for an owner that nobody has admitted, whoever was asked before")
  func notAdmitted() throws {
    let (authority, other) = (try Scene.authority(), try Scene.authority())
    let host = try Host(other, name: "h1")
    let reader = try keyring(authority)
    let signature = try #require(host.key.sign([1]))
    #expect(!reader.verify(signature, of: [1], by: host.owner, credential: host.credential))
    #expect(try keyring(other).verify(signature, of: [1], by: host.owner, credential: host.credential))
  }

  @Test("takes an authority's word that the roster names, and only by a credential of the root's that is whole")
  func authorities() throws {
    let authority = try Scene.authority()
    let (signer, joiner) = (try Host(authority, name: "h2"), HostKey())
    func keyring(_ owners: Set<OwnerID>) throws -> AgentKeyring {
      try AgentKeyring(
        key: nil,
        trustDomain: authority.trustDomain,
        roots: authority.bundle.roots,
        authorities: owners
      )
    }
    let own = try OwnerCredential(decoding: signer.credential)
    func credential(by own: OwnerCredential, _ key: HostKey) throws -> OwnerCredential {
      try OwnerCredential(by: own, ownerName: "h3", publicKey: joiner.publicKey, now_s: Scene.start_s, sign: key.sign)
    }
    let good = try credential(by: own, signer.key)
    #expect(try keyring([signer.owner]).admits(good.owner, credential: good.encoded))
    #expect(try !keyring([]).admits(good.owner, credential: good.encoded))
    #expect(try !keyring([good.owner]).admits(good.owner, credential: good.encoded))
    // By somebody else's key.
    let stolen = try credential(by: own, joiner)
    #expect(try !keyring([signer.owner]).admits(stolen.owner, credential: stolen.encoded))
    // By the right key, with a credential of its own that the root has not signed.
    var bytes = signer.credential
    bytes[bytes.count - 1] ^= 1
    let unsigned = try credential(by: OwnerCredential(decoding: bytes), signer.key)
    #expect(try !keyring([signer.owner]).admits(unsigned.owner, credential: unsigned.encoded))
  }

  @Test("takes no word of the mesh's root about owners of another trust domain, nor under a root that it does not name")
  func otherDomain() throws {
    let (authority, other) = (try Scene.authority(), try Scene.authority())
    let (root, host) = (authority.signingRoot, HostKey())
    let signer = try #require(authority.keys.key(of: root))
    func admits(_ domain: String, _ named: StoredCertificate) throws -> Bool {
      let credential = try OwnerCredential(
        TrustDomain(domain),
        ownerName: "h1",
        publicKey: host.publicKey,
        root: named,
        signer: signer,
        now_s: Scene.start_s
      )
      let both = try AgentKeyring(
        key: nil,
        trustDomain: authority.trustDomain,
        roots: authority.bundle.roots + other.bundle.roots
      )
      return both.admits(credential.owner, credential: credential.encoded)
    }
    #expect(try admits("mesh.test", root))
    #expect(try !admits("other.test", root))
    #expect(try !admits("mesh.test", other.signingRoot))
  }

  @Test("hashes with SHA-256's first half")
  func hash() throws {
    // FIPS 180-2, appendix B.1.
    let hash = try keyring(Scene.authority()).hash(Array("abc".utf8))
    #expect(hash.value == 0xba78_16bf_8f01_cfea_4141_40de_5dae_2223)
  }

  @Test("takes new roots, and admits by them at once")
  func update() throws {
    var authority = try Scene.authority()
    let reader = try keyring(authority)
    let before = try Host(authority, name: "h1")
    #expect(reader.admits(before.owner, credential: before.credential))
    _ = try authority.rotateRoot(now_s: Scene.start_s)
    _ = try authority.tick(now_s: Scene.start_s + AuthorityTiming.propagation_s)
    let after = try Host(authority, name: "h2")
    #expect(!reader.admits(after.owner, credential: after.credential))
    try reader.update(roots: authority.bundle.roots)
    #expect(reader.admits(after.owner, credential: after.credential))
    #expect(reader.admits(before.owner, credential: before.credential))
    #expect(throws: AuthorityError.malformed("a root of the mesh")) { try reader.update(roots: authority.issuers) }
    #expect(throws: AuthorityError.malformed("the list of all roots")) { try reader.update(roots: []) }
    #expect(reader.admits(after.owner, credential: after.credential))
  }

  @Test("serves many threads at once")
  func threads() async throws {
    let authority = try Scene.authority()
    let hosts = try (0..<8).map { try Host(authority, name: "h\($0)") }
    let reader = try keyring(authority)
    let good = try await withThrowingTaskGroup(of: Int.self) { group in
      for seed in 0..<8 as Range<UInt64> {
        group.addTask {
          var (random, good) = (SplitMix64(seed: seed), 0)
          for _ in 0..<50 {
            let (one, two) = (
              hosts[Int.random(in: 0..<8, using: &random)], hosts[Int.random(in: 0..<8, using: &random)]
            )
            let signature = try #require(one.key.sign([1]))
            let isOwn = reader.verify(signature, of: [1], by: two.owner, credential: two.credential)
            if isOwn == (one.owner == two.owner) { good += 1 }
            try reader.update(roots: authority.bundle.roots)
          }
          return good
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(good == 400)
  }

  @Test("carries a replica's writes from one host to another, and not those of a host of another mesh")
  func replica() throws {
    let (authority, other) = (try Scene.authority(), try Scene.authority())
    let now = Moment(monotonic_ms: 1, wall_ms: UInt64(Scene.start_s) * 1_000)
    func replica(_ host: Host, _ authority: AuthorityState) throws -> Replica {
      let keyring = try keyring(authority, host.key)
      return Replica(
        owner: host.owner,
        credential: host.credential,
        keyring: keyring,
        seed: 1,
        restoring: [],
        now: now
      )
    }
    let (one, two, stranger) = (
      try Host(authority, name: "h1"), try Host(authority, name: "h2"), try Host(other, name: "h3")
    )
    var reader = try replica(two, authority)
    let key = RecordKey(kind: RecordKey.Kind(rawValue: "policy"), namespace: "shop", name: "allow")
    for (host, mesh, taken) in [(one, authority, true), (stranger, other, false)] {
      var writer = try replica(host, mesh)
      _ = writer.memberUp(two.owner)
      let written = try writer.write([Write(key, .lasting, Array(host.owner.name.utf8))], now: now)
      var sent = 0
      for case .send(let message, to: two.owner) in written {
        sent += 1
        let answer = reader.receive(encoded: message.encoded(), from: host.owner, now: now)
        #expect(answer.contains { if case .applied = $0 { true } else { false } } == taken)
        #expect(answer.contains(.refused(.notAdmitted(host.owner), from: host.owner)) != taken)
      }
      #expect(sent == 1)
    }
  }
}
