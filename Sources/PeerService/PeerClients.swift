public import Logging
public import MeshModel
public import Replication
internal import Synchronization

/// The peers that messages go to.
public final class PeerClients: Sendable {
  private struct Link {
    let queue: MessageQueue
    let task: Task<Void, Never>
    var used: UInt64
  }

  private struct State {
    var addresses: [OwnerID: SocketAddress] = [:]
    var links: [OwnerID: Link] = [:]
    var uses: UInt64 = 0
    var isClosed = false
  }

  private let trust: PeerTrust
  private let log: PacedLog
  private let turnedAway: @Sendable () -> Void
  private let foreign: @Sendable (OwnerID) -> Void
  private let receive: @Sendable ([UInt8], OwnerID) async -> Void
  private let state = Mutex(State())
  /// What was sent, received and lost.
  public let counts: PeerCounts

  /// No peers yet. `receive` takes what they answer; `turnedAway` hears of peers that were there and ended a connection before
  /// they said for whom they speak, as does who believes this host's certificate no more. TLS does not say why. `foreign` hears
  /// of peers whose certificates end in a root that this host does not know.
  public init(
    trust: PeerTrust,
    counts: PeerCounts = PeerCounts(),
    log: Logger = Logger(label: "weft-peers"),
    turnedAway: @escaping @Sendable () -> Void = {},
    foreign: @escaping @Sendable (_ peer: OwnerID) -> Void = { _ in },
    receive: @escaping @Sendable (_ message: [UInt8], _ owner: OwnerID) async -> Void
  ) {
    self.trust = trust
    self.counts = counts
    self.log = PacedLog(log)
    self.turnedAway = turnedAway
    self.foreign = foreign
    self.receive = receive
  }

  /// Where a peer is reached from now on.
  public func update(peer: OwnerID, address: SocketAddress) {
    let old: Link? = state.withLock { state in
      guard !state.isClosed, state.addresses.updateValue(address, forKey: peer) != address else { return nil }
      return state.links.removeValue(forKey: peer)
    }
    end(old)
  }

  /// The peer is gone.
  public func remove(peer: OwnerID) {
    end(
      state.withLock { state in
        state.addresses[peer] = nil
        return state.links.removeValue(forKey: peer)
      }
    )
  }

  /// Ends all streams, for good.
  public func close() {
    let links = state.withLock { state in
      defer { state = State(isClosed: true) }
      return Array(state.links.values)
    }
    for link in links { end(link) }
  }

  /// Sends a message, now or never: it does not wait, and what a peer has no room for is lost.
  public func send(_ message: Message, to peer: OwnerID) {
    let bytes = message.encoded()
    let (lost, ended): (Int, Link?) = state.withLock { state in
      guard let address = state.addresses[peer] else { return (1, nil) }
      state.uses += 1
      if let link = state.links[peer], let dropped = link.queue.put(bytes) {
        state.links[peer]?.used = state.uses
        return (dropped, nil)
      }
      var ended: Link?
      state.links[peer] = nil
      if state.links.count >= PeerLimit.links, let oldest = state.links.min(by: { $0.value.used < $1.value.used }) {
        ended = state.links.removeValue(forKey: oldest.key)
      }
      let queue = MessageQueue()
      _ = queue.put(bytes)
      let link = PeerLink(
        peer: peer,
        address: address,
        queue: queue,
        trust: trust,
        counts: counts,
        log: log,
        turnedAway: turnedAway,
        foreign: foreign,
        receive: receive
      )
      state.links[peer] = Link(queue: queue, task: Task { await link.run() }, used: state.uses)
      return (0, ended)
    }
    for _ in 0..<lost { counts.count("messages_dropped") }
    end(ended)
  }

  private func end(_ link: Link?) {
    guard let link else { return }
    for _ in 0..<link.queue.close() { counts.count("messages_dropped") }
    link.task.cancel()
  }
}
