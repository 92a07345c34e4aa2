import Replication
import Testing

@testable import Authority

@Suite("A root that is forgotten")
struct RootForgettingTests {
  private let start = Scene.start_s
  private var moved_s: Int64 { start + AuthorityTiming.propagation_s }

  /// A mesh whose second root signs; the first is still in the bundle, or has left it.
  private func changed(hasLeft: Bool = false) throws -> (now: AuthorityState, before: AuthorityState) {
    let before = try Scene.authority()
    var authority = before
    _ = try authority.rotateRoot(now_s: start)
    _ = try authority.tick(now_s: moved_s)
    if hasLeft { _ = try authority.tick(now_s: moved_s + AuthorityTiming.retirement_s) }
    return (authority, before)
  }

  @Test("verifies nothing and vouches for nobody, wherever it was; the version grows, and the other root goes on")
  func gone() throws {
    for hasLeft in [false, true] {
      var (authority, before) = try changed(hasLeft: hasLeft)
      let now_s = moved_s + (hasLeft ? AuthorityTiming.retirement_s : 60)
      let root = before.pin
      #expect(authority.forgettableRoots == [root])
      let (old, fresh) = (try before.web(start + 3_600), try authority.web(now_s))
      if !hasLeft { #expect(try authority.verifier.refusal(before.web(now_s).certificate.chain, now_s: now_s) == nil) }
      let version = authority.bundle.version
      try authority.forget(root: root, now_s: now_s)
      #expect(authority.bundle.version > version && authority.bundle.roots.map { sha256($0) } == [authority.pin])
      #expect(
        authority.formerRoots == [] && authority.forgettableRoots == [] && authority.handovers(now_s: now_s) == []
      )
      #expect(try authority.verifier.refusal(before.web(now_s).certificate.chain, now_s: now_s) == .foreignRoot)
      #expect(try authority.verifier.refusal(fresh.certificate.chain, now_s: now_s) == nil)
      #expect(authority.forgottenRoots(now_s: now_s) == before.bundle.roots)
      #expect(authority.forgottenRoots(now_s: now_s + AuthorityTiming.renewal_s) == [])
      #expect(authority.issuers.count == 1 && old.certificate.chain != fresh.certificate.chain)
    }
  }

  @Test("is not the one that signs, nor the one to come")
  func inUse() throws {
    var authority = try Scene.authority()
    _ = try authority.rotateRoot(now_s: start)
    for der in authority.bundle.roots {
      #expect(throws: AuthorityError.rootInUse) { try authority.forget(root: sha256(der), now_s: start) }
    }
    #expect(throws: AuthorityError.unknownRoot) { try authority.forget(root: sha256([1]), now_s: start) }
  }

  @Test("stays so after a restart")
  func coding() throws {
    var (authority, before) = try changed()
    try authority.forget(root: before.pin, now_s: moved_s)
    let again = try AuthorityState(decoding: authority.encoded, keys: AuthorityKeys(decoding: authority.keys.encoded))
    #expect(again.encoded == authority.encoded && again.bundle == authority.bundle)
    #expect(again.forgottenRoots(now_s: moved_s) == before.bundle.roots)
    #expect(!authority.keys.encoded.bytes.contains(before.keys.encoded.bytes.suffix(60)), "its key is gone")
  }

  @Test(
    "makes no roster, no statement of roots and no owner that anybody takes, by itself or by an authority of its time"
  )
  func thief() throws {
    var (authority, before) = try changed(hasLeft: true)
    let now_s = moved_s + AuthorityTiming.retirement_s
    let (host, guest) = (HostKey(), HostKey())
    let own = try before.admit(ownerName: "h2", publicKey: host.publicKey, now_s: now_s)
    let made = try before.admit(ownerName: "h3", publicKey: guest.publicKey, now_s: now_s)
    let delegated = try OwnerCredential(
      by: own,
      ownerName: "h4",
      publicKey: guest.publicKey,
      now_s: now_s,
      sign: host.sign
    )
    let reader = try AgentKeyring(
      key: nil,
      trustDomain: authority.trustDomain,
      roots: authority.bundle.roots + authority.formerRoots,
      authorities: [own.owner]
    )
    func admitted() -> Int { [own, made, delegated].count { reader.admits($0.owner, credential: $0.encoded) } }
    #expect(admitted() == 3)
    try authority.forget(root: before.pin, now_s: now_s)
    try reader.update(roots: authority.bundle.roots + authority.formerRoots, authorities: [own.owner])
    #expect(admitted() == 0)
    #expect(try !before.roster(of: own.owner, after: nil, now_s: now_s).isSigned(byRootOf: authority.bundle))
    #expect(try !before.trustStatement().isSigned(byRootOf: authority.bundle))
  }

  @Test("is forgotten again by who was restored from a backup of before, by its own root's word, and by no other")
  func recalled() throws {
    var (authority, before) = try changed(hasLeft: true)
    var backup = authority
    let now_s = moved_s + AuthorityTiming.retirement_s + 60
    let earlier = try authority.trustStatement()
    try authority.forget(root: before.pin, now_s: now_s)
    #expect(try !backup.recall(before.trustStatement(), now_s: now_s))
    #expect(try !backup.recall(earlier, now_s: now_s))
    #expect(try backup.recall(authority.trustStatement(), now_s: now_s))
    #expect(backup.formerRoots == [] && backup.bundle.version > authority.bundle.version)
    #expect(backup.bundle.roots == authority.bundle.roots)
    #expect(try !backup.recall(authority.trustStatement(), now_s: now_s))
  }
}
