internal import Authority
internal import Logging
internal import MeshModel

/// Certificates of workloads, from the first to the next. What is held is given out until a newer one is there, so that an
/// authority that does not answer at a renewal costs nobody its identity.
extension Trust {
  /// The certificate of a registered workload: the one that is held, or the next where that is due.
  func identity(_ id: SPIFFEID) async throws -> Identity {
    let known = held[id.description]
    if let known, !known.isDue(now_s: now_s) { return known.identity }
    do {
      return try await next(id)
    } catch {
      guard let known, known.identity.certificate.isValid(now_s: now_s) else { throw error }
      return known.identity
    }
  }

  /// Makes the next certificate of whatever is due, so that open streams get it without asking.
  func renewHeld() async {
    // Whose last attempt is longest ago comes first: one that fails for ever keeps no other from its turn.
    let due = held.filter { $0.value.isDue(now_s: now_s) }
      .sorted { ($0.value.tried_s ?? .min, $0.key) < ($1.value.tried_s ?? .min, $1.key) }
    for (index, entry) in due.enumerated() {
      do {
        _ = try await next(SPIFFEID(entry.key))
      } catch {
        // Each attempt may wait for a host that does not answer: the rest is tried in the next round.
        log.warning(
          "\(entry.key) and \(due.count - index - 1) others were not renewed, and are given out until they expire",
          error: error
        )
        return
      }
    }
  }

  /// Makes the next certificate, and tells who has the one before.
  private func next(_ id: SPIFFEID) async throws -> Identity {
    let name = id.description
    let fresh: Identity
    do {
      fresh = try await issue(id)
    } catch {
      held[name]?.tried_s = now_s
      throw error
    }
    guard workloads[name] != nil else { return fresh }
    let before = held[name]
    // Who waited for the same answer keeps nothing a second time.
    guard before?.identity.certificate != fresh.certificate else { return fresh }
    held[name] = HeldIdentity(identity: fresh, tried_s: now_s)
    if before != nil { changed() }
    return fresh
  }

  private func issue(_ id: SPIFFEID) async throws -> Identity {
    if let authority { return try authority.issue(id, now_s: now_s, using: &random) }
    // Its own first; where the root's holder was away for so long that this one ran out, the others.
    if let delegate, let own = try? delegate.issue(id, now_s: now_s, using: &random) { return own }
    guard let remote else {
      throw MeshRefusal("this host has no authority and knows of none: is the mesh's authority up? see `weft members`")
    }
    let name = id.description
    if let running = asked[name] { return try await running.value }
    let task = Task {
      let request = try CertificateRequest()
      let chain = try await remote.sign(id, request: request.der)
      return try Identity(IssuedCertificate(chain: chain, using: &random), key: request.key)
    }
    asked[name] = task
    defer { asked[name] = nil }
    return try await task.value
  }
}
