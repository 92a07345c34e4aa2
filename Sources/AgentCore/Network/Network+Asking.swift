internal import AgentStore
internal import Authority
internal import Logging
internal import Membership
internal import MeshModel
internal import PeerService
internal import Replication

/// Whom this host asks to sign, where it does not itself.
extension Network {
  func isAuthority(_ member: Member) async -> Bool {
    await trust.roster.map { $0.holder(member.owner) != nil } ?? (member.tags.role == .authority)
  }

  /// The other hosts that are there and sign, by the roster; by what they say themselves where there is none yet.
  /// `except` leaves out the host that has this key.
  func candidates(
    withRoot: Bool = false,
    except key: KeyFingerprint? = nil
  ) async -> [AuthorityChoice.Candidate] {
    guard let roster = await trust.roster else {
      return authorities.filter { $0.key != identity.hostName }
        .map { AuthorityChoice.Candidate(name: $0.key, address: $0.value) }
    }
    let others = roster.holders.filter { $0.owner != identity.owner && $0.owner.key != key }
    return others.filter { $0.hasRoot || !withRoot }.compactMap { holder in
      addresses[holder.owner].map { AuthorityChoice.Candidate(name: holder.owner.name, address: $0) }
    }
  }

  /// Asks one authority after the other until one answers.
  func asked<Answer>(
    _ candidates: [AuthorityChoice.Candidate],
    to what: String,
    _ body: (SocketAddress) async throws -> Answer
  ) async throws -> Answer {
    var random = SystemRandomNumberGenerator()
    var reasons: [String] = []
    for candidate in choice.order(candidates, now_ms: Clocks.monotonic_ms, using: &random) {
      do {
        let answer = try await body(candidate.address)
        choice.answered(candidate)
        return answer
      } catch {
        reasons.append("\(candidate.name): \(error)")
        // One that refuses is there; one that has too much to do is spared for a while, like one that is not.
        if case PeerError.refused = error { continue }
        choice.failed(candidate, now_ms: Clocks.monotonic_ms)
      }
    }
    guard !reasons.isEmpty else {
      throw MeshRefusal("no host that could \(what) is up: see `weft members`, column AUTHORITY")
    }
    throw MeshRefusal("no host would \(what): " + reasons.joined(separator: "; "))
  }

  /// Writes down where to ask after a long absence, when nobody can be met by gossip yet.
  func rememberAuthorities() async {
    let there = await candidates().map(\.address).sorted { "\($0)" < "\($1)" }.prefix(JoinToken.maxAddresses)
    guard !there.isEmpty, Array(there) != remembered else { return }
    remembered = Array(there)
    do { try store.set(Founding.Key.authorities, AddressList.encode(remembered)) } catch {
      log.warning("where authorities are could not be written down", error: error)
    }
  }
}
