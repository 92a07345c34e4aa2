import MeshModel
import Testing
import WeftTestKit

@testable import Authority

@Suite("Rotation")
struct AuthorityRotationTests {
  private let start = Scene.start_s

  /// What the mesh has seen: the bundles that peers may still hold, and the leaves that are still valid.
  private struct Past {
    var bundles: [(from_s: Int64, verifier: PeerVerifier)] = []
    var leaves: [IssuedCertificate] = []
    var roots: Set<[UInt8]> = []
    var issuers: Set<[UInt8]> = []
    var checks = 0
    /// How old a bundle may be that someone still has.
    var window_s = AuthorityTiming.propagation_s

    mutating func note(_ authority: AuthorityState, now_s: Int64, seed: UInt64) throws {
      if bundles.last?.verifier.bundle.version != authority.bundle.version {
        bundles.append((now_s, try authority.verifier))
      }
      while bundles.count > 1, bundles[1].from_s <= now_s - window_s { bundles.removeFirst() }
      leaves.append(try authority.web(now_s, seed: seed).certificate)
      leaves.removeAll { $0.notAfter_s < now_s }
      roots.formUnion(authority.bundle.roots)
      issuers.formUnion(authority.issuers)
    }

    /// Every peer takes every valid leaf.
    mutating func check(now_s: Int64) {
      for (from_s, verifier) in bundles {
        for leaf in leaves where leaf.notBefore_s <= now_s {
          let refusal = verifier.refusal(leaf.chain, now_s: now_s)
          #expect(refusal == nil, "at \(now_s), bundle of \(from_s), leaf of \(leaf.notBefore_s)")
          checks += 1
        }
      }
    }
  }

  @Test("over twelve years, no peer refuses a valid leaf, however old the bundle that it may still have")
  func years() throws {
    var authority = try Scene.authority()
    var past = Past()
    var seen: [AuthorityChange: Int] = [:]
    var now = start
    var slowUntil = start
    while now < start + 12 * 365 * Scene.day_s {
      let changes = try authority.tick(now_s: now)
      for change in changes { seen[change, default: 0] += 1 }
      // Slowly for as long as leaves or bundles of before a change are in use, and fast in between.
      let isRoots = changes.contains { $0 != .intermediateRenewed }
      if !changes.isEmpty { slowUntil = max(slowUntil, now + (isRoots ? 60 : 30) * Scene.hour_s) }
      try past.note(authority, now_s: now, seed: UInt64(now))
      past.check(now_s: now)
      now += now < slowUntil || authority.bundle.roots.count > 1 ? 6 * Scene.hour_s : 4 * Scene.day_s
    }
    #expect(seen[.rootPublished] == 2 && seen[.signingMoved] == 2 && seen[.rootRetired] == 2)
    #expect(seen[.rootWithdrawn] == nil)
    #expect((seen[.intermediateRenewed] ?? 0) > 80 && past.issuers.count > 80)
    #expect(past.roots.count == 3 && authority.formerRoots.count == 2 && authority.bundle.roots.count == 1)
    #expect(past.checks > 2_000)
  }

  @Test("of the root goes by steps: published, signing after propagation, the old one gone after its last leaf")
  func steps() throws {
    var authority = try Scene.authority()
    let old = authority.bundle.roots[0]
    let pin = authority.pin
    #expect(authority.signingMoves_s == nil)
    #expect(try authority.rotateRoot(now_s: start) == [.rootPublished])
    let version = authority.bundle.version
    #expect(authority.bundle.roots.count == 2 && authority.bundle.roots[0] == old && authority.pin == pin)
    let moves = start + AuthorityTiming.propagation_s
    #expect(authority.signingMoves_s == moves)
    #expect(throws: AuthorityError.rotationUnderWay(moves_s: moves)) { try authority.rotateRoot(now_s: start + 1) }

    let before = try authority.tick(now_s: moves - 1)
    let last = try authority.web(moves - 1).certificate
    #expect(before == [])
    #expect(try authority.tick(now_s: moves) == [.signingMoved, .intermediateRenewed])
    #expect(authority.pin != pin && authority.signingMoves_s == nil && authority.bundle.version == version)
    // Both sides of the move are taken by who has both roots; by the old one alone, only the old.
    let first = try authority.web(moves).certificate
    for leaf in [last, first] { #expect(try authority.verifier.refusal(leaf.chain, now_s: moves) == nil) }
    let behind = try PeerVerifier(TrustBundle(trustDomain: Scene.domain, version: 1, roots: [old]))
    #expect(behind.refusal(first.chain, now_s: moves) == .foreignRoot)

    let gone = moves + AuthorityTiming.retirement_s
    #expect(last.notAfter_s + AuthorityTiming.skew_s < gone)
    #expect(try authority.tick(now_s: gone - 1) == [])
    #expect(authority.bundle.roots.contains(old))
    #expect(try authority.tick(now_s: gone) == [.rootRetired])
    #expect(authority.bundle.roots.count == 1 && authority.formerRoots == [old] && authority.bundle.version > version)
    #expect(try authority.tick(now_s: gone) == [])
  }

  @Test("of the intermediate is immediate, and leaves of the one before stay valid")
  func intermediate() throws {
    var authority = try Scene.authority()
    let before = try authority.web(start).certificate
    let version = authority.bundle.version
    #expect(try authority.rotateIntermediate(now_s: start) == [.intermediateRenewed])
    let after = try authority.web(start).certificate
    #expect(before.chain[1] != after.chain[1] && authority.issuers == [before.chain[1], after.chain[1]])
    for leaf in [before, after] { #expect(try authority.verifier.refusal(leaf.chain, now_s: start) == nil) }
    #expect(authority.bundle.version == version)
    for _ in 0..<20 { _ = try authority.rotateIntermediate(now_s: start) }
    #expect(authority.issuers.count == AuthorityLimit.shownIntermediates)
  }

  @Test("leaves no key behind that nothing needs")
  func keys() throws {
    var authority = try Scene.authority()
    let one = authority.keys.encoded.bytes.count
    for _ in 0..<5 { _ = try authority.rotateIntermediate(now_s: start) }
    #expect(authority.keys.encoded.bytes.count == one)
    _ = try authority.rotateRoot(now_s: start)
    #expect(authority.keys.encoded.bytes.count > one)
    let moves = start + AuthorityTiming.propagation_s
    _ = try authority.tick(now_s: moves)
    _ = try authority.tick(now_s: moves + AuthorityTiming.retirement_s)
    #expect(authority.keys.encoded.bytes.count == one)
  }

  @Test("by hand ends where too many roots would have to be remembered, until some are forgotten")
  func tooManyRoots() throws {
    var authority = try Scene.authority()
    var now = start
    func rotate() throws {
      _ = try authority.rotateRoot(now_s: now)
      now += AuthorityTiming.propagation_s
      _ = try authority.tick(now_s: now)
      now += AuthorityTiming.retirement_s
      _ = try authority.tick(now_s: now)
    }
    for _ in 0..<AuthorityLimit.formerRootsByHand { try rotate() }
    #expect(authority.formerRoots.count == AuthorityLimit.formerRootsByHand)
    #expect(throws: AuthorityError.tooManyRoots) { try rotate() }
    let first = try #require(authority.formerRoots.first)
    try authority.forget(root: sha256(first), now_s: now)
    #expect(!authority.formerRoots.contains(first))
    #expect(throws: AuthorityError.unknownRoot) { try authority.forget(root: sha256(first), now_s: now) }
    #expect(throws: AuthorityError.rootInUse) { try authority.forget(root: authority.pin, now_s: now) }
    try rotate()
    #expect(try authority.verifier.refusal(authority.web(now).certificate.chain, now_s: now) == nil)
  }

  @Test("of an expired root is possible by hand, at once, for a mesh that was off for ten years")
  func expiredRoot() throws {
    var authority = try Scene.authority()
    let late = start + AuthorityTiming.rootLife_s + Scene.day_s
    #expect(try authority.tick(now_s: late) == [])
    #expect(try authority.rotateRoot(now_s: late) == [.rootPublished, .signingMoved, .intermediateRenewed])
    #expect(try authority.verifier.refusal(authority.web(late).certificate.chain, now_s: late) == nil)
    #expect(try authority.tick(now_s: late) == [.rootRetired])
  }

  @Test("comes through a clock that jumps a day ahead and back at any step", arguments: 0..<12)
  func dayJumps(step: Int) throws {
    var authority = try Scene.authority()
    // Who has a valid leaf has a bundle of its time.
    var past = Past(window_s: AuthorityTiming.leafLife_s)
    try past.note(authority, now_s: start, seed: 1)
    _ = try authority.rotateRoot(now_s: start)
    for round in 0..<30 {
      let now = start + Int64(round) * 5 * Scene.hour_s
      if round == 2 * step {
        let clock = now + Scene.day_s
        _ = try authority.tick(now_s: clock)
        let leaf = try authority.web(clock).certificate
        let begins = clock - AuthorityTiming.leafBackdate_s
        #expect(try authority.verifier.refusal(leaf.chain, now_s: now) == .notYetValid(at: 0, notBefore_s: begins))
        #expect(leaf.needsRenewal(now_s: now))
        past.leaves.append(leaf)
      }
      _ = try authority.tick(now_s: now)
      try past.note(authority, now_s: now, seed: UInt64(round))
      past.check(now_s: now)
    }
    #expect(authority.formerRoots.count == 1 && past.checks > 100)
  }

  @Test("does nothing that cannot be undone while the clock says 1970")
  func epochClock() throws {
    var authority = try Scene.authority()
    let bundle = authority.bundle
    #expect(try authority.tick(now_s: 0) == [])
    let begins = start - AuthorityTiming.authorityBackdate_s
    #expect(throws: AuthorityError.rootNotYetValid(from_s: begins)) { try authority.web(0) }
    #expect(authority.bundle == bundle)
    #expect(try authority.verifier.refusal(authority.web(start).certificate.chain, now_s: start) == nil)
  }

  @Test("undoes what it did while the clock said twenty or seven years from now", arguments: [7, 20])
  func farClock(years: Int64) throws {
    var authority = try Scene.authority()
    let bundle = authority.bundle
    let far = start + years * 365 * Scene.day_s
    let changes = try authority.tick(now_s: far)
    #expect(changes == (years == 7 ? [.rootPublished, .intermediateRenewed] : []))
    let back = try authority.tick(now_s: start)
    #expect(back == (years == 7 ? [.rootWithdrawn, .intermediateRenewed] : []))
    #expect(authority.bundle.roots == bundle.roots && authority.bundle.version >= bundle.version)
    #expect(try authority.verifier.refusal(authority.web(start).certificate.chain, now_s: start) == nil)
  }
}
