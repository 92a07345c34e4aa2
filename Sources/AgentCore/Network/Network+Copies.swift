internal import Logging
internal import Membership
internal import MeshModel
internal import PeerService

/// Hosts that claim one name. Where both have one key besides, as a machine's image has that was copied after its host had
/// joined, each takes back what the other writes: one of them has to be silent, and people have to be told.
extension Network {
  /// Milliseconds between two looks at what Serf says of names.
  private static let look_ms = 1_000
  /// Seconds that a conflict is told of after Serf said so last: who gave way tries again after some 75 s, and is refused a few
  /// seconds later.
  private static let conflict_s = 180
  /// Seconds that a copy which gave way is silent after that: until it would have given way anew.
  private static let silence_s = 120

  static func namesakes(_ name: String, _ one: String, _ other: String) -> String {
    "two hosts are called \(name): \(one) and \(other); stop one of them, empty its data directory, and have it join by another "
      + "--host-name, above all where its disk is a copy of the other's"
  }

  /// Asks whoever claims this host's name for whom it speaks, and has one of two that have one key say nothing to others.
  func watchForCopies(_ links: NetworkLinks) async {
    var asked: ContinuousClock.Instant?
    while !Task.isCancelled {
      let health = await links.serf.health
      let conflict = health.nameConflict.flatMap { $0.name == identity.hostName && Self.isRecent($0.last) ? $0 : nil }
      if let conflict, conflict.last != asked {
        asked = conflict.last
        if let ip = Self.ip(conflict.other), await isCopy(at: ip, links) { await metCopy(at: ip) }
      }
      if let copyMet, Self.isRecent(copyMet), var known = keyCopy {
        known.isTheOne = health.gaveWay.map { $0.duration(to: .now) < .seconds(Self.silence_s) } ?? false
        await take(known)
      } else {
        await take(nil)
      }
      // No event tells that what Serf said has grown old.
      try? await Task.sleep(for: .milliseconds(Self.look_ms))
    }
  }

  /// An agent of this host's key has said hello from there, or answered so. The one that others reach hears of it by that alone:
  /// gossip tells it nothing of who claims its name.
  func metCopy(at ip: IPAddress) async {
    copyMet = .now
    await take(KeyCopy(ip: ip, isTheOne: keyCopy?.isTheOne ?? false))
  }

  private static func isRecent(_ time: ContinuousClock.Instant) -> Bool {
    time.duration(to: .now) < .seconds(conflict_s)
  }

  /// Of an address as Serf writes it: that of IPv6 is without brackets.
  private static func ip(_ gossip: String) -> IPAddress? {
    SocketAddress(gossip)?.ip ?? gossip.lastIndex(of: ":").flatMap { IPAddress(String(gossip[..<$0])) }
  }

  /// Whether the agent beside the Serf there has this host's key. Machines of one image have one configuration, so its port is
  /// this one's.
  private func isCopy(at ip: IPAddress, _ links: NetworkLinks) async -> Bool {
    let address = SocketAddress(ip, port: settings.peerPort)
    guard let speaker = try? await PeerCalls(trust: links.trust).speaker(at: address) else { return false }
    return speaker.isCopy(of: links.trust)
  }

  private func take(_ next: KeyCopy?) async {
    guard next != keyCopy, let clients = links?.clients else { return }
    let isNews = next?.ip != keyCopy?.ip || next?.isTheOne == true
    keyCopy = next
    let isSilent = next?.isTheOne == true
    if isSilent {
      outbox.connect(nil)
    } else {
      outbox.connect { clients.send($0, to: $1) }
    }
    let warning = next?.warning(identity.hostName)
    await mesh.refuseDocuments(isSilent ? warning : nil)
    if let warning, isNews { log.error("\(warning)") }
    if next == nil { log.notice("no other host has this one's name and key any more") }
  }

  /// What operators are told of names.
  func nameWarnings() async -> [String] {
    if let keyCopy { return [keyCopy.warning(identity.hostName)] }
    guard let conflict = await links?.serf.health.nameConflict, Self.isRecent(conflict.last) else { return [] }
    return [Self.namesakes(conflict.name, conflict.one, conflict.other)]
  }
}
