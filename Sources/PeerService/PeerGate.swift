internal import MeshModel
internal import Synchronization

/// How many connections others may have open here, and how long they may take over what costs them nothing.
struct PeerBounds: Sendable {
  var connections = PeerLimit.connections
  var perAddress = PeerLimit.connectionsPerAddress
  var strangers = PeerLimit.strangers
  var strangersPerAddress = PeerLimit.strangersPerAddress
  var streams = PeerLimit.streamsPerConnection
  var handshake_ms = PeerLimit.handshake_ms
  var stranger_ms = PeerLimit.stranger_ms
}

/// Lets connections in while there is room: for each address and in all, and less for strangers, so that who has no
/// certificate cannot keep out who has.
final class PeerGate: Sendable {
  private struct Tally {
    var all = 0
    var strangers = 0
  }

  private struct State {
    /// Of addresses with connections: no more of them than connections.
    var tallies: [IPAddress: Tally] = [:]
    var all = Tally()
  }

  let bounds: PeerBounds
  private let counts: PeerCounts
  let log: PacedLog
  private let state = Mutex(State())

  init(_ bounds: PeerBounds, counts: PeerCounts, log: PacedLog) {
    self.bounds = bounds
    self.counts = counts
    self.log = log
  }

  /// Whether there is room for another connection, a stranger's at first; whoever is let in must leave again.
  func enters(_ ip: IPAddress) -> Bool {
    let why: String? = state.withLock { state in
      let tally = state.tallies[ip, default: Tally()]
      if tally.all >= bounds.perAddress { return "\(ip) has \(tally.all) connections open" }
      if tally.strangers >= bounds.strangersPerAddress {
        return "\(ip) has \(tally.strangers) connections open that have shown no certificate"
      }
      if state.all.all >= bounds.connections { return "\(state.all.all) connections are open, and \(ip) wants another" }
      if state.all.strangers >= bounds.strangers {
        return "\(state.all.strangers) connections are open that have shown no certificate, and \(ip) wants another"
      }
      state.tallies[ip] = Tally(all: tally.all + 1, strangers: tally.strangers + 1)
      state.all.all += 1
      state.all.strangers += 1
      return nil
    }
    if let why { note("connections_refused", why) }
    return why == nil
  }

  /// A connection that entered has shown a certificate: it is a stranger's no more.
  func admitted(_ ip: IPAddress) {
    state.withLock { state in
      state.tallies[ip]?.strangers -= 1
      state.all.strangers -= 1
    }
  }

  /// A connection that entered is closed.
  func left(_ ip: IPAddress, isAdmitted: Bool) {
    state.withLock { state in
      guard var tally = state.tallies[ip] else { return }
      tally.all -= 1
      state.all.all -= 1
      if !isAdmitted {
        tally.strangers -= 1
        state.all.strangers -= 1
      }
      state.tallies[ip] = tally.all == 0 ? nil : tally
    }
  }

  /// What happened, and a line about it where there is something to check. `kind` is one of a few of this counter's.
  func note(_ counter: String, _ why: String?, kind: String = "") {
    counts.count(counter)
    if let why { log.warning(counter + kind, "agent to agent: \(why)") }
  }
}
