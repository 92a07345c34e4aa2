internal import Discovery
internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor

/// Where the control thread speaks for the workers to whoever talks to the agent, and the other way round. It knows
/// neither the agent's protocol nor its socket, and is used on the control thread alone.
///
/// What workers ask comes out of `wanted`; what the agent says goes in by `publish`, which keeps the one order that
/// matters: rules first, then that the questions they answer are settled.
final class DiscoverySeat {
  let inbox: LookupInbox
  private let fleet: Fleet
  private let snapshots: SnapshotStore
  private let recorder: Recorder
  /// Whether the workers were told that the agent is connected.
  private(set) var isLive = false

  init(_ inbox: LookupInbox, fleet: Fleet, snapshots: SnapshotStore, recorder: Recorder) {
    self.inbox = inbox
    self.fleet = fleet
    self.snapshots = snapshots
    self.recorder = recorder
  }

  /// Watched by the control thread's loop: readable when there are questions.
  func watch(by loop: borrowing Epoll, token: Token) { inbox.watch(by: loop, token: token) }

  /// What workers have asked since the last call, each key once. Call it when the loop says so. Each is asked once by a
  /// worker, and then not again before it is `forgotten`: so it stays wanted, through broken streams too, until it is
  /// published as settled.
  func wanted() -> [LookupKey] { inbox.takeAll() }

  /// Tells the workers whether the agent is connected, which they need not know twice. Without it nothing is held; what
  /// waits goes on with what is known.
  func setLive(_ isLive: Bool) {
    guard isLive != self.isLive else { return }
    self.isLive = isLive
    fleet.tell(.discovery(isLive: isLive))
  }

  /// Puts what the agent has sent into force, and lets go of what waited for it.
  ///
  /// `peers` says how addresses stand that were asked about, those that are endpoints at least. `settled` are questions
  /// that the agent has answered by now, also those that it answered with nothing; and `forgotten` keys that are kept up to
  /// date no more, since there are too many. A snapshot that is in force already costs nothing.
  @discardableResult
  func publish(
    _ snapshot: Snapshot,
    peers: [IPAddress: PeerStanding],
    settled: [LookupKey],
    forgotten: [LookupKey] = []
  ) -> Publication {
    var publication = Publication.unchanged
    let before = snapshots.version
    if case .adopted(let table, let version, let rules) = snapshots.adopt(snapshot, peers: peers) {
      publication = version == before ? .endpoints : .documents
      recorder.known.know(table, rules, version: version)
      fleet.tellMaterial(of: rules)
      fleet.tell(.policy(table, version: version, rules))
    }
    if !forgotten.isEmpty { fleet.tell(.forgotten(forgotten)) }
    settle(settled)
    return publication
  }

  /// These are answered, and the rules in force say all there is to say of them.
  func settle(_ keys: [LookupKey]) {
    if !keys.isEmpty { fleet.tell(.settled(keys)) }
  }

  /// What a snapshot changed.
  enum Publication: Equatable {
    case unchanged
    /// Endpoints and peers alone: not worth an entry in the journal.
    case endpoints
    case documents
  }
}
