public import MeshModel
public import Replication

/// A host of the mesh, as gossip knows it.
public struct Member: Hashable, Sendable {
  /// Whether it is there.
  public enum Status: String, Hashable, Sendable {
    case alive
    /// It does not answer any more.
    case failed
    /// It said that it goes.
    case left
  }

  /// Its name, which gossip holds to be the only one.
  public let name: String
  /// Where it gossips.
  public let address: SocketAddress
  /// What it says of itself.
  public let tags: MemberTags
  /// Whether it is there.
  public let status: Status

  /// The owner of its records.
  public var owner: OwnerID { OwnerID(name: name, key: tags.key) }

  /// A member.
  public init(name: String, address: SocketAddress, tags: MemberTags, status: Status = .alive) {
    self.name = name
    self.address = address
    self.tags = tags
    self.status = status
  }

  /// The same member with another status.
  func with(_ status: Status) -> Member { Member(name: name, address: address, tags: tags, status: status) }

  /// Whether a name is one that a member may have: a host name, `_` included.
  static func isName(_ name: String) -> Bool {
    (1...MembershipLimit.nameBytes).contains(name.utf8.count)
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
      }
  }

  /// Reads what Serf has; nil for a state that says nothing yet.
  init?(_ member: SerfMember) throws(MemberRefusal) {
    guard Self.isName(member.name) else { throw .malformedName }
    guard let address = member.address else { throw .malformedAddress }
    let status: Status
    switch member.status {
    case .none: return nil
    case .alive: status = .alive
    // It has said so, and has a few seconds left for others to hear it: no work should go there any more.
    case .leaving, .left: status = .left
    case .failed: status = .failed
    }
    self.init(name: member.name, address: address, tags: try MemberTags(member.tags), status: status)
  }
}
