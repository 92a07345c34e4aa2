internal import PeerService
internal import Replication
internal import Synchronization

/// Where the mesh leaves messages for other hosts. It never waits: a message that a peer has no room for is lost, as the
/// protocol allows.
final class PeerOutbox: Sendable {
  typealias Sender = @Sendable (Message, OwnerID) -> Void
  private let sender = Mutex<Sender?>(nil)
  /// What happened between this host and others.
  let counts = PeerCounts()

  /// Whom messages go to from now on; nil: nobody, as on a lone host.
  func connect(_ new: Sender?) { sender.withLock { $0 = new } }

  func send(_ message: Message, to peer: OwnerID) { sender.withLock { $0 }?(message, peer) }
}
