internal import Membership
internal import MeshAPI

/// How this host is, as operators see it.
extension Network {
  /// Seconds that operators are told of gossip in another key after it was heard last: a host that has another one is heard of
  /// whenever it is started and when others look for it, several times a minute.
  private static let foreignGossip_s = 60

  func status() async -> Weft_Agent_V1_StatusReply {
    var reply = await mesh.status()
    reply.membersKnown = UInt32(clamping: await membership.members().count)
    let otherGossip = await links?.serf.health.undecrypted
    if let otherGossip { reply.counters["gossip_undecrypted"] = UInt64(otherGossip.count) }
    reply.warnings += await trust.authorityWarnings(identity.owner, lastFailure: roleFailure)
    if let aloneFor { reply.warnings.append("this host is alone, and was one of several: \(aloneFor)") }
    if let unadmittedWarning { reply.warnings.append(unadmittedWarning) }
    reply.warnings += await nameWarnings()
    if let foreignWarning = await foreignWarning { reply.warnings.append(foreignWarning) }
    if let otherGossip, otherGossip.last.duration(to: .now) < .seconds(Self.foreignGossip_s) {
      let whose = otherGossip.from.map { "the host at \($0)" } ?? "a host"
      reply.warnings.append(
        "\(whose) gossips by another key than this one, so they do not know each other: "
          + "compare \(HostFile.gossipKey) of their data directories; all hosts of a mesh have the same"
      )
    }
    return reply
  }
}
