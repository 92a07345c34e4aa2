internal import AgentStore
internal import Authority
internal import Logging
internal import Membership
internal import MeshAPI
internal import MeshModel
internal import Replication

/// A root that is believed no more before its time: what hangs by it, and how all hear of it.
extension Network {
  /// Forgets a root of before, where nothing hangs by it or it is to go all the same.
  func forgetRoot(_ request: Weft_Agent_V1_ForgetRootRequest) async throws -> Weft_Agent_V1_ForgetRootReply {
    let root = try await trust.forgettableRoot(request.fingerprint)
    // A lone host's is nobody else's to renew.
    if !request.dryRun, await trust.isOutdated(try OwnerCredential(decoding: credential)) { try await renewOwner() }
    let (version, dependents) = try await dependents(of: root)
    var reply = Weft_Agent_V1_ForgetRootReply()
    reply.sha256 = root.hexadecimal
    reply.dependents = dependents
    reply.bundleVersion = version
    guard !request.dryRun, dependents.isEmpty || request.force else { return reply }
    try await trust.forget(root: root)
    reply.isForgotten = true
    reply.bundleVersion = await trust.bundle.version
    let left = dependents.map { "\($0.count) \($0.what)" }.joined(separator: ", ")
    log.notice("root \(reply.sha256) is forgotten; what hung by it: \(left.isEmpty ? "nothing" : left)")
    // Before connections end by it.
    try await tellRoots()
    guard links != nil else {
      let (roots, authorities) = await (trust.allRoots, trust.admitters)
      try founding.keyring.update(roots: roots, authorities: authorities)
      await letGo(roots)
      return reply
    }
    hurry()
    return reply
  }

  /// The root's word for this host, which has the root's key.
  func renewOwner() async throws {
    try await show(try await trust.confirm(OwnerCredential(decoding: credential)))
  }

  /// Believes the roots that records tell, and has them told where this host has the root's key.
  func learnToldRoots() async throws {
    if try await trust.adopt(statements: mesh.toldRoots()) {
      let count = await trust.bundle.roots.count
      log.notice("the mesh's roots changed: \(count) are trusted now")
    }
    try await tellRoots()
  }

  private func tellRoots() async throws {
    if let untold = try await trust.untoldRoots(mesh.toldRoots()) { try await mesh.publish(roots: untold) }
  }

  /// Drops the records of owners that a root admitted which is forgotten: whoever has its key could write any.
  func letGo(_ roots: [[UInt8]]) async {
    let gone = knownRoots.subtracting(roots)
    knownRoots = Set(roots)
    guard !gone.isEmpty else { return }
    let owners = await mesh.credentials().filter { owner, credential in
      owner != identity.owner && !founding.keyring.admits(owner, credential: credential) && isRoots(credential, gone)
    }.keys.sorted()
    guard !owners.isEmpty else { return }
    do {
      let records = try await mesh.withdraw(owners)
      let names = owners.prefix(Self.shownOwners).map(\.name).joined(separator: ", ")
      log.warning(
        "\(records) records of \(owners.count) hosts are dropped, which a forgotten root admitted: \(names)"
      )
    } catch { log.error("records of hosts that a forgotten root admitted could not be dropped", error: error) }
  }

  private func isRoots(_ credential: [UInt8], _ roots: Set<[UInt8]>) -> Bool {
    guard let root = try? OwnerCredential(decoding: credential).root else { return false }
    return roots.contains { CertificateSummary(der: $0)?.sha256.lowercased() == root.hexadecimal }
  }

  /// Names that are told of many: some lines of a terminal.
  private static let shownOwners = 8

  /// A host of the mesh has shown this credential, or has it now.
  func note(credential: [UInt8], of owner: OwnerID) {
    guard addresses[owner] != nil else { return }
    shownCredentials[owner] = credential
  }

  /// What an operator has to do where nothing admits this host any more; nil where all is well.
  var unadmittedWarning: String? {
    let anew = "empty its data directory and start it with --join and a token of another authority"
    guard links != nil else { return nil }
    guard founding.keyring.admits(identity.owner, credential: credential) else {
      return
        "the root that admitted this host is forgotten, so nobody takes what is registered and applied here; \(anew)"
    }
    return oldRootFailure.map {
      "no authority takes this host's certificate, which is of an older root, nor gives it another; where that root was "
        + "forgotten while this host was off, \(anew): \($0)"
    }
  }

  // MARK: What hangs by a root

  private typealias Dependents = Weft_Agent_V1_ForgetRootReply.Dependents

  private func dependents(of root: [UInt8]) async throws -> (version: Int64, [Weft_Agent_V1_ForgetRootReply.Dependents])
  {
    let known = await trust.dependents(of: root)
    var all: [Dependents] = []
    if let leaves_s = known.leaves_s {
      all.append(
        Self.dependents(
          "certificates",
          known.leaves,
          leaves_s,
          "these of this host and those of all that renewed before the root was changed; forced, hosts and programs get others by their keys"
        )
      )
      if !known.intermediates_s.isEmpty {
        var told = Self.dependents(
          "intermediates",
          [],
          known.intermediates_s.max() ?? leaves_s,
          "of this host, which signs by another; those of other authorities are replaced by themselves"
        )
        told.count = UInt32(clamping: known.intermediates_s.count)
        all.append(told)
      }
    }
    all += await ownersDependents(root)
    if await trust.roster?.root == root {
      all.append(
        Self.dependents("roster", [identity.hostName], 0, "the root that signs now signs it within half a minute")
      )
    }
    return (known.version, all)
  }

  private func ownersDependents(_ root: [UInt8]) async -> [Dependents] {
    let credentials = await mesh.credentials().merging(shownCredentials) { held, _ in held }
    let members = await membership.members().filter { $0.status == .alive }.map(\.owner)
    let hanging = credentials.filter { (try? OwnerCredential(decoding: $0.value))?.root == root }.keys
    let alive = hanging.filter { members.contains($0) || $0 == identity.owner }
    let unheard = members.filter { $0 != identity.owner && credentials[$0] == nil }
    var all: [Dependents] = []
    func add(_ what: String, _ owners: [OwnerID], _ remedy: String) {
      guard !owners.isEmpty else { return }
      all.append(Self.dependents(what, owners.sorted().map(\.name), 0, remedy))
    }
    add(
      "owners",
      alive,
      "hosts that are there renew within half a minute (`weft check` on them says why not); forced, they have to join anew by a token"
    )
    add(
      "gone owners",
      hanging.filter { !alive.contains($0) },
      "start them, or `weft forget` them where they left no documents; forced, their documents go: save them by `weft get all -A -o yaml` and apply them again"
    )
    add(
      "unknown hosts",
      unheard,
      "hosts that are there and have not said yet by which root they were admitted: they do within a minute or so"
    )
    return all
  }

  private static func dependents(_ what: String, _ names: [String], _ until_s: Int64, _ remedy: String) -> Dependents {
    var told = Dependents()
    told.what = what
    told.count = UInt32(clamping: names.count)
    told.untilS = until_s
    told.names = Array(names.prefix(shownOwners))
    told.remedy = remedy
    return told
  }
}
