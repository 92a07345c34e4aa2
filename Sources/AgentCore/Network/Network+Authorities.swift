internal import Authority
internal import Logging
internal import MeshAPI
internal import Membership
internal import MeshModel
internal import Replication

/// Who signs for others, as operators see and change it.
extension Network {
  func authoritiesReply() async throws -> Weft_Agent_V1_AuthoritiesReply {
    _ = try await trust.ownRoster(identity.owner)
    let (roster, delegate) = await (trust.roster, trust.delegate)
    let members = await membership.members()
    var reply = Weft_Agent_V1_AuthoritiesReply()
    reply.authorities = (roster?.holders ?? []).map { holder in
      var told = Weft_Agent_V1_AuthoritiesReply.Authority(holder.owner, members)
      told.hasRoot_p = holder.hasRoot
      told.isSelf = holder.owner == identity.owner
      told.timeS = holder.since_s
      if told.isSelf { told.signsUntilS = delegate?.notAfter_s ?? 0 }
      return told
    }
    reply.authorities += (roster?.revoked ?? []).map { one in
      var told = Weft_Agent_V1_AuthoritiesReply.Authority(one.owner, members)
      told.status = "revoked"
      told.isSelf = one.owner == identity.owner
      told.timeS = one.until_s
      return told
    }
    return reply
  }

  /// Gives the role to a host of the mesh that gossip knows.
  func grantAuthority(_ name: String, fingerprint: String) async throws -> Weft_Agent_V1_AuthoritiesReply {
    let known = await membership.members().map(\.owner)
    try await change(name, fingerprint, among: known, isGranted: true)
    return try await authoritiesReply()
  }

  /// Takes the role back from a host, whether it is there or not.
  func revokeAuthority(_ name: String, fingerprint: String) async throws -> Weft_Agent_V1_AuthoritiesReply {
    let known = await (trust.roster?.holders ?? []).map(\.owner)
    try await change(name, fingerprint, among: known, isGranted: false)
    return try await authoritiesReply()
  }

  private func change(
    _ name: String,
    _ fingerprint: String,
    among known: [OwnerID],
    isGranted: Bool
  ) async throws {
    guard links != nil else { throw MeshRefusal("this is a lone host; there is nobody to share the authority with") }
    guard await trust.hasRoot else {
      throw MeshRefusal(
        "this host has not the root's key, which says who has the role; ask the one that has, see `weft authority list`"
      )
    }
    let named = known.filter { $0.name == name && $0.fingerprint.hasPrefix(fingerprint) }
    guard let owner = named.first else {
      throw MeshRefusal(
        isGranted
          ? "no host called \(name) is known; see `weft members`"
          : "no host called \(name) has the role; see `weft authority list`"
      )
    }
    guard named.count == 1 else {
      throw MeshRefusal("several hosts are called \(name): choose one by --fingerprint, as `weft members` shows it")
    }
    try await trust.change(owner, isGranted: isGranted, own: identity.owner)
    log.notice("\(owner) \(isGranted ? "has" : "has lost") the authority's role", metadata: ["HOST": "\(name)"])
    hurry()
  }
}

extension Weft_Agent_V1_AuthoritiesReply.Authority {
  fileprivate init(_ owner: OwnerID, _ members: [Member]) {
    self.init()
    let member = members.first { $0.owner == owner }
    name = owner.name
    fingerprint = owner.fingerprint
    address = member?.tags.peerAddress.description ?? ""
    status = member?.status.rawValue ?? "unknown"
  }
}
