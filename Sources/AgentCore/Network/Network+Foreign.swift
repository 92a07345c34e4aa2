internal import Authority
internal import Logging
internal import MeshModel
internal import PeerService
internal import Replication

/// Hosts of this mesh's gossip whose certificates end in a root that this host does not know. Its own roots are too old, then:
/// it was off for longer than a root takes to be replaced, or was restored from a backup of before.
extension Network {
  /// Milliseconds that such a host is told of after it was met last: messages for it are tried again every ten seconds.
  private static let foreign_ms: UInt64 = 60_000

  /// Comes to the roots of now by what the roots that this host knows said when they left; whether that brought news. The
  /// holder of a root believes no other, but sees that its own has left.
  func catchUp(at address: SocketAddress) async throws -> Bool {
    let next = try await PeerSuccession.bundle(after: trust.bundle, at: address)
    guard await !trust.hasRoot else {
      isSuperseded = true
      return false
    }
    return try await trust.follow(next)
  }

  func metForeign(_ peer: OwnerID) async {
    guard !isCatchingUp, let address = addresses[peer] else { return }
    isCatchingUp = true
    defer { isCatchingUp = false }
    // What comes of it is told below, or by the roots.
    if !isSuperseded, (try? await catchUp(at: address)) == true {
      foreign = [:]
      return hurry()
    }
    let now_ms = Clocks.monotonic_ms
    // Of hosts that are gone nothing is kept.
    foreign = foreign.filter { now_ms < $0.value + Self.foreign_ms && addresses[$0.key] != nil }
    let isFirst = foreign.isEmpty
    foreign[peer] = now_ms
    guard isFirst, let warning = await foreignWarning else { return }
    log.error("\(warning)")
  }

  /// What an operator has to know and do; nil where there is no such host.
  var foreignWarning: String? {
    get async {
      let now_ms = Clocks.monotonic_ms
      let names = foreign.filter { now_ms < $0.value + Self.foreign_ms }.keys.map(\.name).sorted()
      guard !names.isEmpty else { return nil }
      let shown = names.prefix(Self.shownNames).joined(separator: ", ")
      let who = names.count > Self.shownNames ? "\(shown) and \(names.count - Self.shownNames) others" : shown
      let anew = "empty its data directory and start it with --join and a token of another authority"
      guard await trust.hasRoot else {
        return
          "\(who) show certificates of a root that this host does not know, and no root that it knows has said that another "
          + "follows: it was away for more than a week after the root was replaced, and nobody takes what is registered and "
          + "applied here. Compare the roots in `weft identity show` of both; where theirs are the mesh's, \(anew)"
      }
      let what =
        isSuperseded
        ? "as this host's root has said itself, "
        : "where `weft identity show` on several of them has the same other root, "
      return
        "\(who) show certificates of a root that is not this host's, which has the root's key: \(what)the root was changed after "
        + "the backup that this host was restored from, and nobody takes what is registered and applied here. Stop the agent and "
        + "restore authority.key and mesh.settings of after that change; where there is no such backup, \(anew)"
    }
  }

  /// Names in the warning: a line of a terminal.
  private static let shownNames = 3
}
