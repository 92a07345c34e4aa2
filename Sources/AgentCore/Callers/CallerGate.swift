internal import Synchronization

/// What the users of this host may hold of the agent at one time over its socket: connections, and bytes of requests. Any of them
/// may connect, and none shall keep out the others, the proxies or the operator.
final class CallerGate: Sendable {
  /// Connections of one user: a stream of the Workload API each, of which it may have 1,024, and some calls beside them.
  static let connectionsPerUser = 1_280
  /// Bytes of one user's requests that are on their way or worked on: some services' files at their bound of 4 MiB.
  static let bytesPerUser = 32 << 20
  /// The same of all such users together, an eighth of a host's smallest memory.
  static let bytes = 128 << 20

  private struct Tally {
    var connections = 0
    var bytes = 0

    var isEmpty: Bool { connections == 0 && bytes == 0 }
  }

  private struct State {
    /// Of users with connections: no more of them than connections.
    var tallies: [UInt32: Tally] = [:]
    var bytes = 0
  }

  /// Users that are bounded by nothing here: root, whom the agent runs as, and whom the proxies run as, of which a host may have
  /// thousands.
  private let trusted: Set<UInt32>
  /// Told what is refused: a counter's name, and why.
  private let refused: @Sendable (_ counter: String, _ why: String) -> Void
  private let state = Mutex(State())

  init(trusted: Set<UInt32>, refused: @escaping @Sendable (_ counter: String, _ why: String) -> Void) {
    self.trusted = trusted
    self.refused = refused
  }

  func isBounded(_ uid: UInt32) -> Bool { !trusted.contains(uid) }

  /// Whether there is room for another connection of that user; one that is let in must leave.
  func enters(_ uid: UInt32) -> Bool {
    guard isBounded(uid) else { return true }
    let isWithin = state.withLock { state in
      guard state.tallies[uid]?.connections ?? 0 < Self.connectionsPerUser else { return false }
      state.tallies[uid, default: Tally()].connections += 1
      return true
    }
    if !isWithin {
      refused(
        "callers_refused",
        "user \(uid) has \(Self.connectionsPerUser) connections open, which is all that it may have"
      )
    }
    return isWithin
  }

  func left(_ uid: UInt32) {
    guard isBounded(uid) else { return }
    change(uid) { $0.connections -= 1 }
  }

  /// Whether there is room for so many bytes more of a bounded user's requests; nil, or why not. They are to be given back.
  func takes(_ count: Int, of uid: UInt32) -> String? {
    let why: String? = state.withLock { state in
      let own = state.tallies[uid]?.bytes ?? 0
      guard own + count <= Self.bytesPerUser else {
        return "user \(uid) has \(own) bytes of requests under way, and may have \(Self.bytesPerUser)"
      }
      guard state.bytes + count <= Self.bytes else {
        return "\(state.bytes) bytes of users' requests are under way, which is all that there is room for"
      }
      state.tallies[uid, default: Tally()].bytes += count
      state.bytes += count
      return nil
    }
    if let why { refused("requests_refused", why) }
    return why
  }

  func gives(_ count: Int, of uid: UInt32) {
    guard count > 0 else { return }
    state.withLock { $0.bytes -= count }
    change(uid) { $0.bytes -= count }
  }

  private func change(_ uid: UInt32, _ body: (inout Tally) -> Void) {
    state.withLock { state in
      var tally = state.tallies[uid] ?? Tally()
      body(&tally)
      state.tallies[uid] = tally.isEmpty ? nil : tally
    }
  }
}
