internal import DNS
internal import Journal
internal import Kernel
internal import MeshModel
internal import Reactor

/// Hosts that ServiceEntries name: the control thread's side of `HostResolver`.
extension Control {
  /// Does what is due: hosts of rules that came into force are asked for, and others again.
  func turnToHosts() {
    if let wanted = snapshots.takeWantedHosts() { resolver.want(wanted, now_ms: now_ms) }
    note(resolver.turn(now_ms: now_ms, loop: loop))
  }

  /// Takes what a resolver answered.
  func hearHosts(_ id: UInt32) {
    note(resolver.hear(UInt16(truncatingIfNeeded: id), now_ms: now_ms, loop: loop))
  }

  private func note(_ news: HostResolver.News) {
    guard !news.isEmpty else { return }
    for (host, change) in news {
      switch change {
      case .nothing: break
      case .addresses(let addresses):
        let all = addresses.map(\.description).joined(separator: ", ")
        announce(.hostResolved, "\(host) has \(addresses.count == 1 ? "the address" : "the addresses") \(all)")
      case .recovered: announce(.hostResolved, "\(host) could be asked for again, and is where it was")
      case .failed(let reason, let kept):
        announce(
          .hostUnresolved,
          "\(host), of a ServiceEntry, could not be asked for: \(reason); \(Self.consequence(kept))"
        )
      }
    }
    if case .adopted(let table, let version, let rules) = snapshots.resolve(resolver.hosts.addresses) {
      recorder.known.know(rules.names, version: version)
      fleet.tell(.policy(table, version: version, rules))
    }
  }

  private static func consequence(_ kept: Int) -> String {
    switch kept {
    case 0: "nothing goes there until it can"
    case 1: "the address that it had is used on"
    default: "the \(kept) addresses that it had are used on"
    }
  }

  /// What someone should look at.
  var hostWarnings: [String] {
    var warnings = resolver.hosts.problems.map { host, reason, kept, foundAt_ms in
      let age = foundAt_ms.map { ", \((now_ms - min($0, now_ms)) / 1_000) s old" } ?? ""
      return
        "\(host), of a ServiceEntry, cannot be asked for (\(resolver.path)): \(reason); \(Self.consequence(kept))\(age)"
    }
    if resolver.hosts.leftOut > 0 {
      warnings.append(
        "\(resolver.hosts.leftOut) hosts of ServiceEntries are beyond the \(ResolutionLimit.hosts) that a proxy asks for"
      )
    }
    return warnings
  }

  /// Milliseconds until `turnToHosts` has something to do.
  var hostsPatience_ms: Int32 { resolver.patience_ms(now_ms: now_ms).map { Int32(clamping: $0) } ?? .max }
}
