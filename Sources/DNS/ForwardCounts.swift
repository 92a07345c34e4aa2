/// What came of questions to others.
public struct ForwardCounts: Hashable, Sendable {
  /// Messages sent to servers.
  public internal(set) var sent: UInt64 = 0
  /// Clients that waited for a question already asked.
  public internal(set) var joined: UInt64 = 0
  /// Clients that got a server's answer.
  public internal(set) var answered: UInt64 = 0
  /// Clients that were told SERVFAIL.
  public internal(set) var failed: UInt64 = 0
  /// Those of them that were not asked, since their pod had as many that waited as it may.
  public internal(set) var refused: UInt64 = 0
  /// Messages that answer nothing we asked: late, or forged.
  public internal(set) var unmatched: UInt64 = 0
  /// Messages with a right id that could not be read.
  public internal(set) var malformed: UInt64 = 0

  /// Questions that were asked again by TCP, since their answer did not fit a datagram.
  public internal(set) var truncated: UInt64 = 0

  /// Nothing so far.
  public init() {}
}

extension ForwardCounts {
  /// What two tables did, one after the other had its servers replaced.
  public static func + (left: ForwardCounts, right: ForwardCounts) -> ForwardCounts {
    var sum = left
    sum.sent += right.sent
    sum.joined += right.joined
    sum.answered += right.answered
    sum.failed += right.failed
    sum.refused += right.refused
    sum.unmatched += right.unmatched
    sum.malformed += right.malformed
    sum.truncated += right.truncated
    return sum
  }
}
