internal import AgentStore
internal import Authority
internal import Logging
internal import Membership
internal import MeshModel
internal import PeerService
internal import ServiceLifecycle

/// The network while the agent runs.
extension Network: ServiceLifecycle.Service {
  /// Seconds between two questions for the mesh's roots, besides one whenever an authority comes up: a root is published
  /// two days before it signs, and a thousand hosts ask one authority.
  static let rootsInterval_s: Int64 = 600
  /// Milliseconds before a port that could not be opened is tried again: the first time, and at most.
  static let retry_ms: ClosedRange<Int64> = 500...30_000

  /// Serves other hosts from when the network is open, until the agent ends.
  func run() async throws {
    await cancelWhenGracefulShutdown { await self.serve() }
    server?.stop()
    links?.clients.close()
  }

  private func serve() async {
    await reopen()
    for await links in openings {
      await withTaskGroup(of: Void.self) { group in
        group.addTask { await self.listen(links) }
        group.addTask { try? await links.serf.run() }
        group.addTask { for await event in links.serf.events { await self.note(event, links) } }
        group.addTask { await self.keep(links) }
        group.addTask { await self.watchForCopies(links) }
        // As does one of who has the authority's role, which comes with the records.
        group.addTask { for await _ in self.mesh.rosterNews { await self.hearRoster() } }
        // A change of roots reaches peers' connections at once.
        group.addTask { for await _ in await self.trust.changes().generations { await self.hurry() } }
      }
    }
  }

  /// Opens the network of before, and tries again where that fails: a host whose certificate has run out must not stay
  /// alone for ever.
  private func reopen() async {
    var told = false
    while links == nil, !Task.isCancelled {
      do {
        guard try await wasOpen() else { return }
        try await open()
        aloneFor = nil
      } catch {
        aloneFor = "\(error)"
        if !told { log.error("this host stays alone for now, and tries again", error: error) }
        told = true
        try? await Task.sleep(for: .seconds(Self.upkeep_s))
      }
    }
  }

  /// Listens for other hosts; a port that another program has is tried again, since that one may go.
  private func listen(_ links: NetworkLinks) async {
    var pause_ms = Self.retry_ms.lowerBound
    while !Task.isCancelled {
      let server = server ?? newServer(links)
      self.server = server
      do {
        try await server.run()
        return
      } catch {
        guard !Task.isCancelled else { return }
        log.error(
          "port \(settings.peerPort) for other agents could not be opened; --peer-port chooses another",
          error: error
        )
        self.server = nil
        try? await Task.sleep(for: .milliseconds(pause_ms))
        pause_ms = min(pause_ms * 2, Self.retry_ms.upperBound)
      }
    }
  }

  // MARK: Membership

  private func note(_ event: MembershipEvent, _ links: NetworkLinks) async {
    switch event {
    case .up(let member):
      await found(member)
      guard member.owner != identity.owner else { return }
      log.notice("a host is up", metadata: Self.metadata(member))
      links.clients.update(peer: member.owner, address: member.tags.peerAddress)
      await mesh.memberUp(member.owner)
      if await isAuthority(member) {
        rootsDue_s = 0
        choice.answered(AuthorityChoice.Candidate(name: member.name, address: member.tags.peerAddress))
        hurry()
      }
    case .changed(let member):
      await found(member)
      guard member.owner != identity.owner else { return }
      links.clients.update(peer: member.owner, address: member.tags.peerAddress)
    case .down(let member, let reason):
      addresses[member.owner] = nil
      shownCredentials[member.owner] = nil
      if authorities[member.name] == member.tags.peerAddress { authorities[member.name] = nil }
      log.notice("a host is down: \(reason.rawValue)", metadata: Self.metadata(member))
      await mesh.memberDown(member.owner)
      links.clients.remove(peer: member.owner)
    case .refused(let name, let reason):
      await mesh.count("members_refused")
      log.warning("\(name) gossips and is no host of the mesh: \(reason)", metadata: ["HOST": "\(name)"])
    case .nameConflict(let name, let one, let other):
      await mesh.count("name_conflicts")
      log.error("\(Self.namesakes(name, one, other))", metadata: ["HOST": "\(name)"])
    }
  }

  private func found(_ member: Member) async {
    addresses[member.owner] = member.tags.peerAddress
    authorities[member.name] = member.tags.role == .authority ? member.tags.peerAddress : nil
    await rememberAuthorities()
    await rememberPeers()
  }

  /// Writes down where others gossip, for a start without Serf's own memory of them: after a lost disk, or where Serf was
  /// killed before it wrote.
  private func rememberPeers() async {
    let others = await membership.members().filter { $0.status == .alive && $0.owner != identity.owner }.map(\.address)
    let stillThere = Set(gossipPeers).intersection(others).count
    guard stillThere < min(others.count, Self.enoughPeers) else { return }
    gossipPeers = Array(others.shuffled().prefix(MembershipLimit.joinAddresses))
    do { try store.set(Founding.Key.gossipPeers, AddressList.encode(gossipPeers)) } catch {
      log.warning("where other hosts gossip could not be written down", error: error)
    }
  }

  /// Hosts to gossip with at the next start, of which one has to be there; fewer, and others are written down.
  private static let enoughPeers = 3

  private static func metadata(_ member: Member) -> Logger.Metadata {
    ["HOST": "\(member.name)", "ADDRESS": "\(member.tags.peerAddress)", "OWNER": "\(member.owner)"]
  }
}
