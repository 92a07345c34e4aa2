internal import Journal
internal import Kernel
internal import MeshModel
internal import Reactor
internal import Telemetry
internal import TransportSecurity

/// Who the proxy is to its peers: the control thread's side of `IdentityStream`.
extension Control {
  private static let identityToken = Token(.identity, index: 0).rawValue

  /// Between two looks at how old the certificate is, in milliseconds: a clock that is set is noticed by then.
  private static let expiryInterval_ms: Int64 = 600_000

  var wall_s: Int64 { Int64(Clock.realtime_us() / 1_000_000) }

  /// Does what is due: a stream that is to be opened, a word about a certificate that nobody renews.
  func turnToIdentity() {
    guard let identity else { return }
    if let outcome = identity.connectIfDue(now_ms: now_ms, loop: loop, token: Self.identityToken) { note(outcome) }
    if let notice = expiry?.take(now_s: wall_s) { tell(notice, identity) }
  }

  /// Milliseconds until `turnToIdentity` has something to do.
  var identityPatience_ms: Int32 {
    guard let identity else { return .max }
    let due_ms = expiry.map { min(max(0, $0.due_s - wall_s) * 1_000, Self.expiryInterval_ms) }
    return min(identity.patience_ms(now_ms: now_ms) ?? .max, due_ms.map { Int32(clamping: $0) } ?? .max)
  }

  /// Takes what the agent said of who this proxy is.
  func hearIdentity() {
    let outcomes =
      identity?.ready(now_ms: now_ms, now_s: wall_s, loop: loop, token: Self.identityToken) ?? []
    for outcome in outcomes { note(outcome) }
  }

  private func note(_ outcome: IdentityStream.Outcome) {
    switch outcome {
    case .given(let fresh, let others):
      expiry = ExpiryNotices(begins_s: fresh.own.notBefore_s, ends_s: fresh.own.notAfter_s)
      fleet.tell(.identity(fresh))
      let ignored = others.isEmpty ? "" : "; not used are \(IdentityChoice.list(others)), which it gives as well"
      announce(
        .identityGiven,
        "this proxy is \(fresh.own.spiffeID) for \(Self.span(fresh.own.notAfter_s - wall_s)), the agent says\(ignored)"
      )
      tidyAt_ms = tidyAt_ms ?? now_ms + Self.tidyPause_ms
    case .takenBack(let reason):
      expiry = nil
      fleet.tell(.identity(nil))
      announce(.identityMissing, "the agent took this proxy's identity back, new sessions have none: \(reason)")
    case .refused(let reason):
      let state = identity?.current.map { "the agent gives no other certificate, that of \($0.own.spiffeID) goes on" }
      announce(.identityMissing, "\(state ?? "this proxy has no identity"): \(reason)")
    }
  }

  private func tell(_ notice: ExpiryNotices.Notice, _ identity: IdentityStream) {
    let name = identity.current.map { "\($0.own.spiffeID)" } ?? identity.choice.path
    let why = identity.lastProblem ?? "the agent has sent no other; see `weft identity` there"
    switch notice {
    case .overdue(let left_s):
      announce(
        .identityExpiring,
        "the certificate of \(name) was not renewed, and peers believe it for \(Self.span(left_s)) more: \(why)"
      )
    case .expired:
      announce(.identityExpiring, "the certificate of \(name) has expired, no peer believes it: \(why)")
    }
  }

  /// `13h20m`, `45s`.
  static func span(_ seconds: Int64) -> String {
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60)
    if hours > 0 { return "\(hours)h\(minutes < 10 ? "0" : "")\(minutes)m" }
    return minutes > 0 ? "\(minutes)m" : "\(max(0, seconds))s"
  }

  // MARK: Told to who asks

  var identityStatus: IdentityStatus? {
    guard let identity else { return nil }
    var status = IdentityStatus(wanted: identity.choice.path)
    status.renewals = identity.renewals
    status.lastProblem = identity.lastProblem
    guard let current = identity.current else { return status }
    status.spiffeID = current.own.spiffeID.description
    status.notBeforeS = current.own.notBefore_s
    status.notAfterS = current.own.notAfter_s
    status.givenS = identity.given_s
    status.roots = current.trust.rootFingerprints
    return status
  }

  /// What someone should look at.
  var identityWarning: [String] {
    guard let identity, let current = identity.current, let expiry, expiry.isOverdue(now_s: wall_s) else { return [] }
    let left_s = current.own.notAfter_s - wall_s
    let end = left_s > 0 ? "expires in \(Self.span(left_s))" : "has expired"
    return ["its certificate \(end) and was not renewed: \(identity.lastProblem ?? "the agent has sent no other")"]
  }

  var identityFigures: IdentityFigures? {
    guard let identity else { return nil }
    var figures = IdentityFigures()
    figures.expires_s = identity.current?.own.notAfter_s
    figures.now_s = wall_s
    figures.renewals = identity.renewals
    figures.failures = identity.failures
    return figures
  }
}
