import MeshModel
import Replication
import Testing
import WeftTestKit

@testable import Authority

@Suite("The roster of authorities")
struct AuthorityRosterTests {
  private let now = Scene.start_s
  private let authority: AuthorityState
  private let first = OwnerID(name: "h1", key: HostKey().fingerprint)
  private let second = OwnerID(name: "h2", key: HostKey().fingerprint)

  init() throws { authority = try Scene.authority() }

  @Test("names the root's holder from the beginning, and is the same until something changes")
  func beginning() throws {
    let roster = try authority.roster(of: first, after: nil, now_s: now)
    #expect(roster.holders.map(\.owner) == [first])
    #expect(roster.holder(first)?.hasRoot == true)
    #expect(try authority.roster(of: first, after: roster, now_s: now + 60) == roster)
    #expect(try AuthorityRoster(decoding: roster.encoded) == roster)
    #expect(roster.isSigned(byRootOf: authority.bundle))
  }

  @Test("has one holder of the root: who has it now")
  func otherHolder() throws {
    let roster = try authority.grant(second, in: authority.roster(of: first, after: nil, now_s: now), now_s: now)
    let moved = try authority.roster(of: second, after: roster, now_s: now)
    #expect(moved.holders.map(\.owner) == [second] && moved.holder(second)?.hasRoot == true)
    #expect(moved.version > roster.version)
  }

  @Test("gives the role and takes it back, each time with a greater version")
  func changes() throws {
    let roster = try authority.roster(of: first, after: nil, now_s: now)
    let granted = try authority.grant(second, in: roster, now_s: now)
    #expect(granted.version > roster.version)
    #expect(granted.owners == [first, second])
    #expect(granted.holder(second)?.hasRoot == false)
    let revoked = try authority.revoke(second, in: granted, now_s: now)
    #expect(revoked.version > granted.version)
    #expect(revoked.owners == [first])
    #expect(revoked.revokedKeys == [second.key])
    let again = try authority.grant(second, in: revoked, now_s: now)
    #expect(again.revoked.isEmpty && again.holder(second) != nil)
  }

  @Test("forgets whose intermediates it refuses once the last of them has expired")
  func expiry() throws {
    let roster = try authority.roster(of: first, after: nil, now_s: now)
    let revoked = try authority.revoke(second, in: authority.grant(second, in: roster, now_s: now), now_s: now)
    let over_s = now + AuthorityTiming.intermediateLife_s + AuthorityTiming.skew_s
    #expect(try authority.roster(of: first, after: revoked, now_s: over_s).revokedKeys == [second.key])
    let later = try authority.roster(of: first, after: revoked, now_s: over_s + 1)
    #expect(later.revoked.isEmpty && later.version > revoked.version)
  }

  @Test("refuses a second grant, a revocation of who has no role, and one of the root's holder")
  func refusals() throws {
    let roster = try authority.roster(of: first, after: nil, now_s: now)
    #expect(throws: AuthorityError.isAuthority(first)) { try authority.grant(first, in: roster, now_s: now) }
    #expect(throws: AuthorityError.noAuthority(second)) { try authority.revoke(second, in: roster, now_s: now) }
    #expect(throws: AuthorityError.hasRoot(first)) { try authority.revoke(first, in: roster, now_s: now) }
  }

  @Test("has room to take every role back, however many were given and taken before")
  func bounds() throws {
    var roster = try authority.roster(of: first, after: nil, now_s: now)
    let all = (0..<100).map { OwnerID(name: "n\($0)", key: HostKey().fingerprint) }
    var granted = 0
    for owner in all {
      do throws(AuthorityError) { roster = try authority.grant(owner, in: roster, now_s: now) } catch {
        #expect(error == .tooManyAuthorities)
        break
      }
      roster = try authority.revoke(owner, in: roster, now_s: now)
      granted += 1
    }
    #expect(granted == AuthorityLimit.rosterHosts - 1)
    #expect(roster.encoded.count <= AuthorityRoster.maxBytes)
    #expect(try AuthorityRoster(decoding: roster.encoded) == roster)
  }

  @Test("is signed anew by the root that signs now")
  func rotation() throws {
    var authority = authority
    let roster = try authority.roster(of: first, after: nil, now_s: now)
    _ = try authority.rotateRoot(now_s: now)
    let moved_s = now + AuthorityTiming.propagation_s
    _ = try authority.tick(now_s: moved_s)
    let next = try authority.roster(of: first, after: roster, now_s: moved_s)
    #expect(next.root == authority.pin && next.root != roster.root && next.version > roster.version)
    #expect(next.holders == roster.holders)
  }

  @Test("of a mesh that is another's, or that one byte of was changed, is not believed")
  func forged() throws {
    let roster = try authority.grant(second, in: authority.roster(of: first, after: nil, now_s: now), now_s: now)
    let stranger = try Scene.authority()
    #expect(
      !(try stranger.grant(second, in: stranger.roster(of: first, after: nil, now_s: now), now_s: now)
        .isSigned(byRootOf: authority.bundle))
    )
    let bytes = roster.encoded
    var believed = 0
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 1
      guard let other = try? AuthorityRoster(decoding: changed) else { continue }
      if other.isSigned(byRootOf: authority.bundle) { believed += 1 }
    }
    #expect(believed == 0)
    let renamed = TrustBundle(trustDomain: try TrustDomain("other.test"), version: 0, roots: authority.bundle.roots)
    #expect(!roster.isSigned(byRootOf: renamed), "a root's word is of its own trust domain")
  }

  @Test(
    "with a name that no host can have is none, though a root has signed it",
    arguments: ["", "H2", "h2/../h1", "h 2"]
  )
  func names(name: String) throws {
    let signer = try #require(authority.keys.key(of: authority.signingRoot))
    func roster(_ name: String) throws -> AuthorityRoster {
      let holder = AuthorityRoster.Holder(owner: OwnerID(name: name, key: second.key), hasRoot: false, since_s: now)
      return try AuthorityRoster(
        authority.trustDomain,
        version: 1,
        holders: [holder],
        revoked: [],
        root: authority.signingRoot,
        signer: signer
      )
    }
    #expect(try AuthorityRoster(decoding: roster("h2").encoded).isSigned(byRootOf: authority.bundle))
    #expect(throws: AuthorityError.malformed("the roster of authorities")) {
      try AuthorityRoster(decoding: roster(name).encoded)
    }
  }
}
