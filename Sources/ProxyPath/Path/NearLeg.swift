internal import Kernel

/// A proxy or a server so near that there is no network between to speak of.
enum NearLeg {
  /// A handshake faster than this ends on this host or beside it: half a millisecond is less than the way between two data
  /// centres of one city.
  static let handshake_us: UInt64 = 500

  /// Gives a connection whose handshake has just ended the congestion control that its way calls for. `seen_ns` is how long
  /// the loop saw the handshake take. A busy loop, one that accepts a burst most of all, sees it too long, never too
  /// short: only then is the kernel asked, which took the time as the packets came.
  static func adapt(_ side: borrowing Side, seen_ns: UInt64) {
    guard !side.isStream, seen_ns < handshake_us * 1_000 || (side.socket.roundTrip_us() ?? .max) < handshake_us else {
      return
    }
    side.socket.setLocalCongestionControl()
  }

  /// The same for a connection that was accepted: the loop saw nothing of its handshake, so the kernel is asked.
  static func adapt(accepted side: borrowing Side) { adapt(side, seen_ns: .max) }
}
