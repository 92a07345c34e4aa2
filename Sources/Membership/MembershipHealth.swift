public import MeshModel

/// How membership itself is.
public struct MembershipHealth: Hashable, Sendable {
  /// What Serf does.
  public enum State: Hashable, Sendable {
    /// It was not started yet, or has been and takes no requests yet.
    case starting
    /// It gossips.
    case running
    /// It ended, for this reason, and is started again after a pause. Members stay as they were.
    case restarting(String)
    /// It left the mesh, as it was asked to.
    case left
  }

  /// What somebody sent whose key is another than this host's.
  public struct Undecrypted: Hashable, Sendable {
    /// How often Serf said so.
    public let count: Int
    /// Where the last of it came from of which Serf said so; nil where it never did.
    public let from: SocketAddress?
    /// When that was.
    public let last: ContinuousClock.Instant
  }

  /// A name that two hosts claim.
  public struct NameConflict: Hashable, Sendable {
    /// Their name.
    public let name: String
    /// Where they gossip, as Serf says it.
    public let one: String, other: String
    /// When Serf said so last.
    public let last: ContinuousClock.Instant
  }

  /// What Serf does.
  public internal(set) var state = State.starting
  /// How often it was started.
  public internal(set) var starts = 0
  /// Members that were refused, each time anew when the reason changes.
  public internal(set) var refusedMembers = 0
  /// Conflicts over a name, as often as Serf said so.
  public internal(set) var nameConflicts = 0
  /// The last of them; nil where there was none. Of a host's own name, `other` is the other host.
  public internal(set) var nameConflict: NameConflict?
  /// When this host's Serf last gave way to another of its name; nil where it never did.
  public internal(set) var gaveWay: ContinuousClock.Instant?
  /// Times that an event found no room and was told later.
  public internal(set) var deferredEvents = 0
  /// Gossip by another key; nil where there was none.
  public internal(set) var undecrypted: Undecrypted?
  /// Lines of Serf's that were not logged, because there were too many.
  public internal(set) var omittedLines = 0
}
