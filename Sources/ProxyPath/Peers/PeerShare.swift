internal import HTTP2
internal import Kernel
internal import MeshModel
internal import Reactor
internal import TransportSecurity

/// What one identity holds of a worker, by all the connections that it has made: shared by them, as long as there are any.
final class PeerHolding {
  // One thread uses it.
  @exclusivity(unchecked) var connections = 0
  @exclusivity(unchecked) var streams = 0
  /// What was refused since that was last told, and when it was; 0 for never.
  @exclusivity(unchecked) fileprivate var untold = 0
  @exclusivity(unchecked) fileprivate var told_ns: UInt64 = 0

  /// As `Worker.roomLeft` counts.
  var places: Int { connections + PeerShareLimit.placesOfStream * streams }
}

/// Bounds on what one identity may hold of a worker: fifteen times what is free still, so that a sixteenth of it is left for others,
/// and of that one for the next. It is a share and not a number, since an identity may be one pod or a thousand, and that much, since
/// a gateway's may be the only one that a program's clients have.
enum PeerShareLimit {
  /// Places of a stream, as of any client: its own and that of the connection which is made for it.
  static let placesOfStream = 2
  /// How many times what is free still an identity may hold.
  static let timesFree = 15
  /// Nanoseconds between two words about the same identity in the journal: who floods is not to fill that, too.
  static let tellInterval_ns: UInt64 = 60_000_000_000
}

extension PeerStores {
  /// What an identity holds; from now on a connection more.
  func takePlace(of id: SPIFFEID) -> PeerHolding {
    let holding = holdings[id] ?? PeerHolding()
    holdings[id] = holding
    holding.connections += 1
    return holding
  }

  /// A connection ends, and with it whatever streams it has.
  func leavePlace(_ connection: UnsafeMutablePointer<PeerConnection>) {
    guard let holding = connection.pointee.holding, let id = connection.pointee.tls?.peer?.spiffeID else { return }
    connection.pointee.holding = nil
    holding.connections -= 1
    holding.streams -= connection.pointee.streamCount
    if holding.connections == 0 { holdings[id] = nil }
  }
}

extension Worker {
  /// Whether who has made this connection holds more than its share, with what it asks for now. Then it is told so, in the
  /// journal and in the metrics.
  func isCrowding(_ connection: UnsafeMutablePointer<PeerConnection>) -> Bool {
    guard let holding = connection.pointee.holding, holding.places > PeerShareLimit.timesFree * roomLeft else {
      return false
    }
    counters.peerCrowded()
    holding.untold += 1
    if holding.told_ns == 0 || now_ns &- holding.told_ns > PeerShareLimit.tellInterval_ns {
      let crowding = PeerConnectionEnd.crowding(
        connections: holding.connections,
        streams: holding.streams,
        refused: holding.untold
      )
      note(.refused, connection, crowding)
      (holding.untold, holding.told_ns) = (0, now_ns)
    }
    return true
  }
}
