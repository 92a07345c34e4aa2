import MeshModel
import Replication
import Testing
import WeftTestKit

@testable import Authority

@Suite("An authority without the root")
struct DelegatedAuthorityTests {
  private let now = Scene.start_s
  private let key = HostKey()
  private let owner: OwnerID
  private let first = OwnerID(name: "h1", key: HostKey().fingerprint)

  init() { owner = OwnerID(name: "h2", key: key.fingerprint) }

  private func granted(_ authority: AuthorityState) throws -> AuthorityRoster {
    try authority.grant(owner, in: authority.roster(of: first, after: nil, now_s: now), now_s: now)
  }

  private func delegate(_ authority: AuthorityState, now_s: Int64? = nil) throws -> DelegatedAuthority {
    let request = try CertificateRequest()
    let now_s = now_s ?? now
    let der = try authority.delegate(to: owner, request: request.der, in: granted(authority), now_s: now_s)
    var random = SplitMix64(seed: 7)
    return try DelegatedAuthority(
      der,
      key: request.key,
      of: owner,
      bundle: authority.bundle,
      now_s: now_s,
      using: &random
    )
  }

  private func leaf(_ delegate: DelegatedAuthority, _ now_s: Int64) throws -> Identity {
    var random = SplitMix64(seed: 1)
    return try delegate.issue(Scene.web, now_s: now_s, using: &random)
  }

  @Test("issues leaves that peers and OpenSSL take, as they take the root's holder's")
  func leaves() throws {
    let now = Scene.machine_s
    let authority = try Scene.authority(now_s: now)
    let delegate = try delegate(authority, now_s: now)
    let chain = try leaf(delegate, now).certificate.chain
    #expect(try authority.verifier.verify(chain, now_s: now).spiffeID == Scene.web)
    let directory = try TemporaryDirectory()
    let pems = try (chain + authority.bundle.roots).map { try #require(CertificateSummary(der: $0)).pem }
    let files = try zip(["leaf", "intermediate", "root"], pems).map { try directory.write("\($0).pem", $1) }
    for purpose in ["sslserver", "sslclient"] {
      try Command(
        "openssl",
        ["verify", "-x509_strict", "-purpose", purpose, "-CAfile", files[2], "-untrusted", files[1], files[0]]
      ).run().orThrow()
    }
  }

  @Test("is given nothing without the role, and nothing that lets it make authorities of others")
  func role() throws {
    let authority = try Scene.authority()
    let request = try CertificateRequest()
    let roster = try authority.roster(of: first, after: nil, now_s: now)
    #expect(throws: AuthorityError.noAuthority(owner)) {
      try authority.delegate(to: owner, request: request.der, in: roster, now_s: now)
    }
    #expect(throws: AuthorityError.noAuthority(first), "who has the root needs no other") {
      try authority.delegate(to: first, request: request.der, in: roster, now_s: now)
    }
    let over_s = authority.signingRoot.notAfter_s
    #expect(throws: AuthorityError.rootExpired(at_s: over_s)) {
      try authority.delegate(to: owner, request: request.der, in: granted(authority), now_s: over_s + 1)
    }
    let intermediate = try #require(StoredCertificate(der: delegate(authority).issuer))
    #expect(throws: PeerRefusal.self) {
      try intermediate.checkAuthority(at: 1, below: 1, identity: SPIFFEID(of: Scene.domain).description)
    }
  }

  @Test("takes no intermediate of another key, another host, another mesh, or that is a leaf")
  func foreign() throws {
    let authority = try Scene.authority()
    let roster = try granted(authority)
    let (request, other) = (try CertificateRequest(), try CertificateRequest())
    let der = try authority.delegate(to: owner, request: request.der, in: roster, now_s: now)
    func take(_ der: [UInt8], _ key: SecretBytes, of owner: OwnerID, _ bundle: TrustBundle) throws {
      var random = SplitMix64(seed: 7)
      _ = try DelegatedAuthority(der, key: key, of: owner, bundle: bundle, now_s: now, using: &random)
    }
    try take(der, request.key, of: owner, authority.bundle)
    #expect(throws: AuthorityError.self) { try take(der, other.key, of: owner, authority.bundle) }
    #expect(throws: AuthorityError.self) { try take(der, request.key, of: first, authority.bundle) }
    #expect(throws: AuthorityError.self) { try take(der, request.key, of: owner, Scene.authority().bundle) }
    var random = SplitMix64(seed: 7)
    let leaf = try authority.issue(Scene.web, request: request.der, now_s: now, using: &random).chain[0]
    #expect(throws: AuthorityError.self) { try take(leaf, request.key, of: owner, authority.bundle) }
  }

  @Test(
    "takes no intermediate that peers would refuse: out of its time, of another use, or with what nobody understands"
  )
  func unusable() throws {
    let (workshop, now) = (try OpenSSLWorkshop(), Scene.machine_s)
    let authority = try Scene.authority(now_s: now)
    let root = try workshop.written(authority.signingRoot, #require(authority.keys.key(of: authority.signingRoot)))
    let subject = "/O=weft/OU=\(hexadecimal(owner.key.bytes[...]))/CN=made by openssl"
    func fault(_ extensions: [String], at now_s: Int64 = now) throws -> AuthorityError? {
      let made = try workshop.certificate(extensions, by: root, subject: subject)
      let key = SecretBytes(try OpenSSLWorkshop.der(made.key, "PRIVATE KEY"))
      var random = SplitMix64(seed: 7)
      do throws(AuthorityError) {
        _ = try DelegatedAuthority(
          made.der,
          key: key,
          of: owner,
          bundle: authority.bundle,
          now_s: now_s,
          using: &random
        )
      } catch { return error }
      return nil
    }
    let signs = ["basicConstraints=critical,CA:true", "keyUsage=critical,keyCertSign"]
    #expect(try fault(signs) == nil)
    // OpenSSL's are valid for a week.
    #expect(try fault(signs, at: now + 8 * Scene.day_s)?.description.contains("expired") == true)
    #expect(try fault(signs, at: now - Scene.day_s) != nil)
    #expect(try fault(signs + ["nameConstraints=permitted;URI:mesh.test"]) != nil)
    #expect(try fault(signs + ["1.2.3.4=critical,DER:0500"]) != nil)
    #expect(try fault(["basicConstraints=critical,CA:true", "keyUsage=critical,digitalSignature"]) != nil)
    #expect(try fault(["basicConstraints=critical,CA:false", "keyUsage=critical,keyCertSign"]) != nil)
    #expect(try fault(signs + ["subjectAltName=URI:spiffe://other.test"]) != nil)
  }

  @Test("renews at half of its intermediate's life, give or take a tenth, and at once when another root signs")
  func renewal() throws {
    let authority = try Scene.authority()
    let delegate = try delegate(authority)
    let (life_s, half_s) = (AuthorityTiming.intermediateLife_s, now + AuthorityTiming.intermediateLife_s / 2)
    #expect(!delegate.isDue(now_s: now, root: authority.pin))
    #expect(!delegate.isDue(now_s: half_s - life_s / 9, root: authority.pin))
    #expect(delegate.isDue(now_s: half_s + life_s / 9, root: authority.pin))
    #expect(delegate.isDue(now_s: now, root: [UInt8](repeating: 0, count: 32)))
    // As long as nobody answers, it signs on.
    _ = try leaf(delegate, delegate.notAfter_s - Scene.day_s)
    #expect(throws: AuthorityError.noSigner) { try leaf(delegate, delegate.notAfter_s + 1) }
  }

  @Test("is found again with its key, and without it another intermediate has to be asked for")
  func storage() throws {
    let authority = try Scene.authority()
    let delegate = try delegate(authority)
    let keys = try AuthorityKeys(decoding: delegate.keys.encoded)
    let read = try DelegatedAuthority(decoding: delegate.encoded, keys: keys)
    #expect(read.encoded == delegate.encoded)
    #expect(try authority.verifier.refusal(leaf(read, now).certificate.chain, now_s: now) == nil)
    #expect(throws: AuthorityError.missingKey(of: "this host's intermediate")) {
      try DelegatedAuthority(decoding: delegate.encoded, keys: authority.keys)
    }
  }

  @Test("that was revoked is refused by peers that have heard it, as are its old intermediates; others' are not")
  func revoked() throws {
    let authority = try Scene.authority()
    let chains = try [delegate(authority), delegate(authority)].map { try leaf($0, now).certificate.chain }
    let roster = try authority.revoke(owner, in: granted(authority), now_s: now)
    let verifier = try PeerVerifier(authority.bundle, revoked: roster.revokedKeys)
    for chain in chains {
      #expect(try authority.verifier.refusal(chain, now_s: now) == nil)
      #expect(verifier.refusal(chain, now_s: now) == .revoked(at: 1))
    }
    #expect(try verifier.refusal(authority.web(now).certificate.chain, now_s: now) == nil)
  }

  @Test("says of its tokens when the root that they pin is not shown any more")
  func pins() throws {
    var authority = try Scene.authority()
    let delegate = try delegate(authority)
    #expect(delegate.pin == authority.pin && delegate.moves_s(authority.bundle) == nil)
    _ = try authority.rotateRoot(now_s: now + 1_000)
    #expect(delegate.moves_s(authority.bundle) == authority.signingMoves_s)
  }

  @Test("admits owners of records while the roster names it, and as long as its own credential is the root's")
  func admission() throws {
    let authority = try Scene.authority()
    let own = try authority.admit(ownerName: "h2", publicKey: key.publicKey, now_s: now)
    let roster = try granted(authority)
    func keyring(_ authorities: Set<OwnerID>, key: HostKey? = nil) throws -> AgentKeyring {
      try AgentKeyring(key: key, trustDomain: Scene.domain, roots: authority.bundle.roots, authorities: authorities)
    }
    let signer = try keyring(roster.owners, key: key)
    let guest = HostKey()
    let credential = try signer.admit("h3", publicKey: guest.publicKey, by: own.encoded, now_s: now)
    #expect(credential.encoded.count <= OwnerCredential.maxBytes && !credential.isRoots)
    #expect(try OwnerCredential(decoding: credential.encoded) == credential)
    let reader = try keyring(roster.owners)
    #expect(reader.admits(credential.owner, credential: credential.encoded))
    let signature = try #require(guest.sign([1, 2, 3]))
    #expect(reader.verify(signature, of: [1, 2, 3], by: credential.owner, credential: credential.encoded))
    // The role is taken back: what it said counts no more, and what the root says does.
    try reader.update(roots: authority.bundle.roots, authorities: [first])
    #expect(!reader.admits(credential.owner, credential: credential.encoded))
    let confirmed = try authority.admit(ownerName: "h3", publicKey: guest.publicKey, now_s: now)
    #expect(confirmed.owner == credential.owner && reader.admits(confirmed.owner, credential: confirmed.encoded))
    // One that an authority admitted admits nobody itself, even if the roster names it.
    let third = try keyring([credential.owner], key: guest)
    #expect(throws: AuthorityError.self) {
      try third.admit("h4", publicKey: HostKey().publicKey, by: credential.encoded, now_s: now)
    }
  }

  @Test("cannot be played by who has only a name in the roster, or another's credential")
  func impostor() throws {
    let authority = try Scene.authority()
    let (impostor, guest) = (HostKey(), HostKey())
    let named = OwnerID(name: "h9", key: impostor.fingerprint)
    let roster = try authority.grant(named, in: granted(authority), now_s: now)
    let keyring = try AgentKeyring(
      key: impostor,
      trustDomain: Scene.domain,
      roots: authority.bundle.roots,
      authorities: roster.owners
    )
    // The credential of h2, which the roster names too, and the impostor's signature.
    let stolen = try authority.admit(ownerName: "h2", publicKey: key.publicKey, now_s: now)
    let forged = try keyring.admit("h3", publicKey: guest.publicKey, by: stolen.encoded, now_s: now)
    #expect(!keyring.admits(forged.owner, credential: forged.encoded))
    // A credential for the impostor by a root that is not the mesh's.
    let other = try Scene.authority().admit(ownerName: "h9", publicKey: impostor.publicKey, now_s: now)
    let foreign = try keyring.admit("h3", publicKey: guest.publicKey, by: other.encoded, now_s: now)
    #expect(!keyring.admits(foreign.owner, credential: foreign.encoded))
  }
}
