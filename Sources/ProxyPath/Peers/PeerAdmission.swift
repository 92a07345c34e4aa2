internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor

extension RequestRules {
  /// Whether who connects without having shown an identity may, or must have shown one. `now_s` is in seconds since 1970.
  func judgePeer(from source: IPAddress, to destination: SocketAddress, isIdentified: Bool, now_s: Int64) -> PeerVerdict
  {
    peerRules.decide(
      port: destination.port,
      hasPeerIdentity: isIdentified,
      isBetweenMeshed: now_s >= asksFrom_s && table.isMeshed(destination.ip) && table.isMeshed(source),
      now_s: now_s
    )
  }

  /// Whether that depends on who it is, and the rules do not know him: he may be an endpoint of a service that the workload
  /// never asks anything.
  func mustKnow(_ source: IPAddress, to destination: SocketAddress, now_s: Int64) -> Bool {
    table.isMeshed(destination.ip) && !table.isMeshed(source)
      && !peerRules.isDecided(port: destination.port, now_s: now_s)
  }
}

/// Bounds on asking for identities.
enum PeerAdmissionLimit {
  /// Seconds from when the pod's own endpoints become known as meshed until an identity is asked for where no document says
  /// so. Others' proxies go on in plain text until they have heard: their agents by gossip, a few seconds, or after a broken
  /// link was made anew, some ten more.
  static let grace_s: Int64 = 30
  /// Nanoseconds at most between two looks whether an exception has ended: the wall clock may be set in between.
  static let look_ns: UInt64 = 60_000_000_000
}

/// Who was let in without an identity is judged again when policies change and when an exception ends.
extension Worker {
  /// Ends what came in plain text and may not any more. What was let in because the mesh had no proxy at one of both ends
  /// stays where it gets one: nothing forbade it when it came, and its next connection is asked.
  func judgePeersAgain() {
    let now_s = Int64(Clock.realtime_us() / 1_000_000)
    for index in 0..<connections.extent {
      guard let slot = connections.tenant(index), let connection = connections.pointer(slot),
        let again = judge(
          connection.pointee.entry,
          again: connection.pointee.source.ip,
          to: connection.pointee.destination,
          now_s
        )
      else { continue }
      connection.pointee.entry = again.entry
      if again.ends { close(slot, .forbiddenByNewPolicy, code: 0) }
    }
    for index in 0..<http.clients.extent {
      guard let slot = http.clients.tenant(index), let client = http.clients.pointer(slot),
        let again = judge(
          client.pointee.entry,
          again: client.pointee.source.ip,
          to: client.pointee.destination,
          now_s
        )
      else { continue }
      client.pointee.entry = again.entry
      if again.ends { endClient(slot, .forbiddenByNewPolicy, code: 0) }
    }
    for index in 0..<peers.connections.extent {
      guard let slot = peers.connections.tenant(index), let connection = peers.connections.pointer(slot),
        let program = connection.pointee.program,
        let again = judge(program.entry, again: connection.pointee.peer.ip, to: program.destination, now_s)
      else { continue }
      connection.pointee.program?.entry = again.entry
      if again.ends { endPeer(slot, .closed, .forbiddenByNewPolicy) }
    }
    noteExceptions(now_s: now_s)
  }

  /// What is now to be thought of who came by `entry` without an identity, and whether he has to go; nil of all others.
  private func judge(
    _ entry: PeerVerdict?,
    again source: IPAddress,
    to destination: SocketAddress,
    _ now_s: Int64
  ) -> (entry: PeerVerdict, ends: Bool)? {
    guard let entry, entry.reason != .identified else { return nil }
    let verdict = keeper.rules.judgePeer(from: source, to: destination, isIdentified: false, now_s: now_s)
    if verdict.endsEntry(entry) { return (verdict, true) }
    return (verdict.isAllowed ? verdict : entry, false)
  }

  /// Notes when the next exception ends.
  func noteExceptions(now_s: Int64 = Int64(Clock.realtime_us() / 1_000_000)) {
    guard let end_s = keeper.rules.peerRules.nextEnd_s(after: now_s) else { return exceptionEnd_ns = .max }
    let left_ns = UInt64(clamping: end_s - now_s).multipliedReportingOverflow(by: 1_000_000_000)
    exceptionEnd_ns = now_ns &+ min(left_ns.overflow ? .max : left_ns.partialValue, PeerAdmissionLimit.look_ns)
  }
}

extension PeerVerdict {
  /// Whether who was let in by `entry` is to go.
  fileprivate func endsEntry(_ entry: PeerVerdict) -> Bool {
    !isAllowed && !(reason == .strictByDefault && entry.reason == .stranger)
  }
}
