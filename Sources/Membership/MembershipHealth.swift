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

  /// What Serf does.
  public internal(set) var state = State.starting
  /// How often it was started.
  public internal(set) var starts = 0
  /// Members that were refused, each time anew when the reason changes.
  public internal(set) var refusedMembers = 0
  /// Conflicts over a name, as often as Serf said so.
  public internal(set) var nameConflicts = 0
  /// Times that an event found no room and was told later.
  public internal(set) var deferredEvents = 0
  /// Lines of Serf's that were not logged, because there were too many.
  public internal(set) var omittedLines = 0
}
