public import Replication

/// Bounds on what membership holds and waits for. Times in milliseconds.
public enum MembershipLimit {
  /// Members, refused ones included: as many owners as replication knows.
  public static let members = ReplicationLimits.owners
  /// Events that wait for the reader of `events`. An agent that starts in a mesh of a thousand hosts is told of them all
  /// at once.
  public static let events = 2_048
  /// Bytes of a name: what later versions of Serf allow.
  public static let nameBytes = 128
  /// Bytes of all tags, as Serf counts them: what fits into one of its packets.
  static let tagBytes = 512
  /// Addresses of one join. Each that does not answer costs Serf ten seconds.
  public static let joinAddresses = 16

  /// Between two looks at Serf's counters. Its event stream holds events back for one to three seconds, its counters do
  /// not.
  static let look_ms: UInt64 = 250
  /// Between two full lists while nothing seems to change: Serf drops events for readers that are slow, and says so only
  /// in its log. A list of a thousand members has 400 kB.
  static let list_ms: UInt64 = 5_000
  /// How long a live member may be missing in the list of a Serf that has just started, before it is dead. Serf asks its
  /// former peers one after the other, and waits up to ten seconds for one that is gone.
  static let absence_ms: UInt64 = 15_000

  /// An answer of Serf's on loopback, but for a join.
  static let answer_ms: UInt64 = 10_000
  /// A join or a leave: Serf waits ten seconds for each address, and five for its own broadcast.
  static let slowAnswer_ms: UInt64 = 60_000
  /// From the start of the child until it takes requests.
  static let start_ms: UInt64 = 30_000
  /// Connections to a child that lives which may fail one after the other, before it is ended and started anew.
  static let failures = 3
  /// Between two such connections.
  static let reconnect_ms: UInt64 = 250
  /// From TERM to KILL when the child is ended.
  static let end_ms: UInt64 = 3_000

  /// Before the child is started again: the first pause, the longest, and how long it must have run for the first again.
  static let firstPause_ms: UInt64 = 250
  static let longestPause_ms: UInt64 = 30_000
  static let soundRun_ms: UInt64 = 60_000
  /// The pause after Serf gave way to another host of the same name, which goes on being there.
  static let conflictPause_ms: UInt64 = 60_000

  /// Requests that wait for an answer on one connection.
  static let requests = 64
  /// Bytes of a line of the child's output; the rest of a longer line is left out.
  static let lineBytes = 4_096
  /// Lines of the child's output at once, and each second: a host with a wrong key makes it complain at every packet.
  static let lineBurst: UInt32 = 200
  static let linesPerSecond: UInt32 = 10
  /// Conflicts over different names or addresses that are told apart. Beyond it none is told, only counted.
  static let conflicts = 64
}
