internal import Authority

/// A workload's certificate as the agent keeps it: shown until there is a newer one.
struct HeldIdentity: Sendable {
  var identity: Identity
  /// When it was made, or a newer one was asked for in vain, in seconds since 1970; nil where nobody has to wait.
  var tried_s: Int64?
  /// Another one is wanted before its time.
  var isUnwanted = false

  /// Between two attempts to replace one, in seconds. A certificate may be due as soon as it is made, where the clocks of
  /// this host and the authority's differ; without a pause it would be made over and over.
  static let pause_s: Int64 = 30

  /// Whether a newer one should be made now.
  func isDue(now_s: Int64) -> Bool {
    guard isUnwanted || identity.certificate.needsRenewal(now_s: now_s) else { return false }
    guard let tried_s else { return true }
    // A clock that was set back makes nobody wait.
    return !(tried_s..<tried_s + Self.pause_s).contains(now_s)
  }

  /// Has it replaced as soon as it can be.
  mutating func discard() {
    isUnwanted = true
    tried_s = nil
  }
}
