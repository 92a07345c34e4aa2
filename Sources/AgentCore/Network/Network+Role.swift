internal import AgentStore
internal import Authority
internal import Logging
internal import Membership
internal import MeshModel
internal import PeerService
internal import Replication

/// The authority's role, as far as it is this host's: what it learns and tells of it, and what it asks the root's holder for.
extension Network {
  /// Takes over the newest roster that is known, and tells all hosts of it where this one has the root.
  func learnRoster() async throws {
    if try await trust.adopt(rosters: mesh.rosters()) {
      doubted = nil
      let names = await (trust.roster?.holders ?? []).map(\.owner.name).joined(separator: ", ")
      log.notice("who signs for the mesh has changed: \(names)")
    }
    if let own = try await trust.ownRoster(identity.owner) {
      try await mesh.publish(roster: own.encoded)
    } else {
      try await passRosterOn()
    }
    await rememberAuthorities()
  }

  /// Tells all hosts the roster that this one believes where nobody tells as new a one any more: the root's holder was restored
  /// from a backup and believes what it says, or its records were lost with it. Some wait longer than others by chance, and need
  /// not do it then.
  private func passRosterOn() async throws {
    guard let roster = await trust.newerRoster(than: mesh.rosters()) else { return passesOn_ms = nil }
    let now_ms = Clocks.monotonic_ms
    let due_ms = passesOn_ms ?? now_ms + .random(in: 0...UInt64(Self.upkeep_s) * 1_000)
    passesOn_ms = due_ms
    // At the start, its records may be under way.
    if now_ms > due_ms { try await mesh.publish(roster: roster.encoded) }
  }

  /// Some host wrote who has the role. It is believed at once: a look that is under way may wait long for hosts that do not
  /// answer.
  func hearRoster() async {
    do { try await learnRoster() } catch {
      log.warning("who signs for the mesh could not be written down", error: error)
    }
    do { try await learnToldRoots() } catch {
      log.warning("the mesh's roots could not be written down", error: error)
    }
    hurry()
  }

  /// Has the root that signs now confirm this host, and has an intermediate while it has the role.
  func keepRole(_ links: NetworkLinks) async {
    do {
      try await confirmOwner(links)
      try await keepDelegate(links)
      roleFailure = nil
    } catch {
      if roleFailure == nil { log.warning("what the root's holder is asked for was not to be had", error: error) }
      roleFailure = "\(error)"
    }
    await tellRole(links)
  }

  /// Where another authority let this host in, or a root that signs no more: that one is to be missed by nobody.
  private func confirmOwner(_ links: NetworkLinks) async throws {
    let own = try OwnerCredential(decoding: credential)
    guard await trust.isOutdated(own) else { return }
    guard await !trust.hasRoot else { return try await renewOwner() }
    let holders = await candidates(withRoot: true)
    // While none is there, the word of the one that let this host in counts on.
    guard !holders.isEmpty else { return }
    let confirmed = try await asked(holders, to: "confirm this host") {
      try await PeerCalls(trust: links.trust).confirm(at: $0)
    }
    // A holder of the root that was restored from a backup may sign by the root of before.
    guard try !own.isRoots || OwnerCredential(decoding: confirmed).root != own.root else { return }
    try await show(confirmed)
    log.notice("the root has confirmed that this host is of the mesh")
  }

  /// Shows this credential from now on, of the same owner.
  func show(_ confirmed: [UInt8]) async throws {
    try store.set(Founding.Key.credential, confirmed)
    credential = confirmed
    links?.trust.update(credential: confirmed)
    try await mesh.readmit(credential: confirmed)
  }

  private func keepDelegate(_ links: NetworkLinks) async throws {
    switch await trust.delegateNeed(identity.owner) {
    case .nothing: return
    case .none: try await trust.dropDelegate()
    case .another:
      let request = try CertificateRequest()
      let intermediate = try await asked(candidates(withRoot: true), to: "give this host an intermediate") {
        try await PeerCalls(trust: links.trust).delegate(request.der, at: $0)
      }
      try await trust.take(intermediate: intermediate, key: request.key, of: identity.owner)
    }
  }

  /// Gossip says it too, for hosts that have no roster yet.
  private func tellRole(_ links: NetworkLinks) async {
    let role: MemberTags.Role = await trust.isAuthority ? .authority : .member
    guard role != toldRole else { return }
    var tags = founding.member(settings).tags
    tags.role = role
    do {
      try await links.serf.setTags(tags)
      toldRole = role
    } catch { log.warning("this host's role could not be gossiped yet", error: error) }
  }
}
