internal import Kernel
internal import MeshModel

/// Servers that did not choose HTTP/2 where they were offered HTTP/1.1 beside it (RFC 7301): what comes by HTTP/2 goes to them by
/// HTTP/1.1, without asking them before every connection.
struct ServerChoices {
  /// The tick until which each is believed.
  private var ends: [PeerKey: UInt32] = [:]

  var isEmpty: Bool { ends.isEmpty }
  var count: Int { ends.count }

  /// Whether a server is known to have chosen something else than HTTP/2.
  func isHTTP1(_ key: PeerKey, tick: UInt32) -> Bool {
    ends[key].map { Int32(bitPattern: $0 &- tick) > 0 } ?? false
  }

  /// A server has chosen something else, or nothing. Where there is no room the one that would be asked next makes some.
  mutating func note(_ key: PeerKey, tick: UInt32) {
    if ends.count >= ServerChoiceLimit.servers, ends[key] == nil,
      let next = ends.min(by: { Int32(bitPattern: $0.value &- tick) < Int32(bitPattern: $1.value &- tick) })
    {
      ends[next.key] = nil
    }
    ends[key] = tick &+ ServerChoiceLimit.ticks
  }

  /// A connection to that address has failed.
  mutating func forget(_ address: SocketAddress) {
    guard !ends.isEmpty else { return }
    ends = ends.filter { $0.key.address != address }
  }

  /// Files of these ways have changed.
  mutating func forget(where hasChanged: (TargetWay) -> Bool) {
    guard !ends.isEmpty else { return }
    ends = ends.filter { choice in choice.key.server.map { !hasChanged($0.way) } ?? true }
  }
}

/// Bounds on what is remembered of servers' choices.
enum ServerChoiceLimit {
  /// Servers of a worker, each by every name that it is asked for, some hundred bytes each: twice as many as there are connections
  /// by names that clients choose. One that is not remembered is asked again, which costs its next request a handshake.
  static let servers = 512
  /// Ticks (250 ms) until a server is asked again: as long as a connection lasts at least. It may have learned HTTP/2 meanwhile.
  static let ticks = UpstreamLimit.ageTicks
}
