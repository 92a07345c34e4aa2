internal import AgentStore
internal import Authority
internal import Logging
internal import MeshModel

/// Roots that left while a host was off: what is told to it, and how it comes from the root that it knows to those of now.
extension Trust {
  /// The last words of roots that left of late.
  func handovers() -> [Handover] {
    authority?.handovers(now_s: now_s) ?? toldHandovers.filter { $0.counts(at: now_s) }
  }

  /// Believes the bundle to which the roots of this host's own have led; whether it is news. What goes with it, the former
  /// roots and the root's statement, is asked for next, of whom the new bundle vouches for.
  func follow(_ next: TrustBundle) throws -> Bool {
    guard authority == nil, next.version > bundle.version else { return false }
    let former = formerRoots + bundle.roots.filter { !next.roots.contains($0) && !formerRoots.contains($0) }
    try TrustMemory.save(next, formerRoots: former, to: store)
    statement = []
    toldHandovers = []
    bundle = next
    formerRoots = former
    log.notice(
      "the roots that this host knew have left while it was away, and said which follow: those are trusted now"
    )
    try dropForeignDelegate()
    changed()
    return true
  }

  /// DER of roots that were forgotten of late; only the root's holder knows them.
  func forgottenRoots() -> [[UInt8]] { authority?.forgottenRoots(now_s: now_s) ?? [] }

  /// Whether no root of now vouches for this chain, be it within its time or not.
  func isForeign(_ chain: [[UInt8]]) -> Bool {
    guard let verifier = try? PeerVerifier(bundle) else { return false }
    do throws(PeerRefusal) { _ = try verifier.verify(chain, now_s: now_s) } catch { return error == .foreignRoot }
    return false
  }

  /// Drops an intermediate whose root has left: what it signs is believed by nobody. The root's holder gives another.
  func dropForeignDelegate() throws {
    guard let delegate, !delegate.isBelow(bundle) else { return }
    try TrustMemory.save(nil, to: store)
    self.delegate = nil
    log.notice("the root of this host's intermediate has left; it signs for others again once it has another")
    changed()
  }
}
