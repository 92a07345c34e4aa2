/// What changed among the hosts of the mesh.
public enum MembershipEvent: Hashable, Sendable {
  /// Why a host is not there any more.
  public enum Departure: String, Hashable, Sendable {
    /// It does not answer.
    case failed
    /// It said that it goes.
    case left
    /// Another key came under its name; the host of that follows as `up`.
    case replaced
    /// What it says of itself now is malformed; `refused` says how.
    case refused
  }

  /// The host is there.
  case up(Member)
  /// A host that was there is not.
  case down(Member, reason: Departure)
  /// A host that is there says something else of itself, or gossips elsewhere.
  case changed(Member)
  /// Something of that name gossips with us and is no host of the mesh.
  case refused(name: String, reason: MemberRefusal)
  /// Two hosts claim one name. Serf asks the others; the one that fewer know stops gossiping.
  case nameConflict(name: String, between: String, and: String)
}
