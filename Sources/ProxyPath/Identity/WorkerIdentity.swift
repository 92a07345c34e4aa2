internal import TransportSecurity

/// One worker's side of the proxy's identity: what new sessions are made of.
///
/// Sessions hold on to the context that they were made of, so another identity ends none.
struct WorkerIdentity {
  let identity: MeshIdentity
  /// For connections to other proxies.
  let client: TLSContext
  /// For connections of theirs.
  let server: TLSContext

  /// Makes the contexts. Where identity and roots are those of `earlier`, the client's sessions can be taken up again. Secrets
  /// are written to the descriptor `keyLog` where there is one.
  init(
    _ identity: MeshIdentity,
    after earlier: WorkerIdentity? = nil,
    keyLog: Int32? = nil
  ) throws(TransportSecurityError) {
    self.identity = identity
    client = try TLSContext(.client, identity.own, trusting: identity.trust, after: earlier?.client, keyLog: keyLog)
    server = try TLSContext(.server, identity.own, trusting: identity.trust, tickets: identity.tickets, keyLog: keyLog)
  }
}

extension Worker {
  /// New sessions are made of this one from now on; of none where it was taken back.
  func adopt(_ fresh: MeshIdentity?) {
    guard let fresh else { return identity = nil }
    // What was made once is refused only for want of memory; then the one before goes on.
    if let made = try? WorkerIdentity(fresh, after: identity, keyLog: limits.keyLog) { identity = made }
    leaveDistrusted(fresh.trust)
  }
}
