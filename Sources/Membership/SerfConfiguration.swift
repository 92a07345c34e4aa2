public import MeshModel

/// How this host gossips.
public struct SerfConfiguration: Sendable {
  /// Serf's timing, which says how soon a dead host is noticed (docs/membership.md has what was measured).
  public enum Profile: String, Sendable {
    case local
    case lan
    case wan
  }

  /// The port Serf's users know.
  public static let defaultPort: UInt16 = 7946

  /// The host's name in the mesh.
  public var name: String
  /// A directory of Serf's own, made if it is missing: its configuration, which has the key, and its snapshot.
  public var directory: String
  /// The key of the mesh.
  public var key: GossipKey
  /// What the host says of itself.
  public var tags: MemberTags
  /// Where it gossips, UDP and TCP.
  public var bind: SocketAddress
  /// Where others reach it, if that is not where it binds.
  public var advertise: SocketAddress?
  /// Agents to join, again and again until one answers, at every start of Serf. Besides, Serf goes back to the members
  /// it knew, as far as its snapshot has them.
  public var join: [SocketAddress]
  /// Serf's timing.
  public var profile: Profile
  /// The program: a path, or a name in the usual directories.
  public var program: String

  /// How a host gossips, on all of its addresses until changed.
  public init(
    name: String,
    directory: String,
    key: GossipKey,
    tags: MemberTags,
    bind: SocketAddress = SocketAddress(IPAddress(v4: 0), port: SerfConfiguration.defaultPort),
    advertise: SocketAddress? = nil,
    join: [SocketAddress] = [],
    profile: Profile = .lan,
    program: String = "serf"
  ) {
    self.name = name
    self.directory = directory
    self.key = key
    self.tags = tags
    self.bind = bind
    self.advertise = advertise
    self.join = join
    self.profile = profile
    self.program = program
  }

  /// The host itself as a member. Where Serf chooses the address to advertise, it is not known here.
  var own: Member { Member(name: name, address: advertise ?? bind, tags: tags) }

  func validate() throws(MembershipError) {
    guard Member.isName(name) else {
      throw .invalidSetting(
        "a name has 1 to \(MembershipLimit.nameBytes) letters, digits, '.', '-' and '_', unlike '\(name)'"
      )
    }
    guard bind.port != 0, advertise?.port != 0 else {
      throw .invalidSetting("others must know the port: 0 is none (usual is \(Self.defaultPort))")
    }
    guard advertise?.ip.isUnspecified != true else {
      throw .invalidSetting("others cannot reach \(advertise?.ip.description ?? ""): advertise an address of this host")
    }
    guard join.count <= MembershipLimit.joinAddresses else {
      throw .invalidSetting("at most \(MembershipLimit.joinAddresses) addresses to join; one that answers is enough")
    }
    guard directory.hasPrefix("/") else {
      throw .invalidSetting("Serf's directory must be an absolute path, unlike '\(directory)'")
    }
    try Self.validate(tags)
  }

  static func validate(_ tags: MemberTags) throws(MembershipError) {
    do { _ = try MemberTags(tags.encoded) } catch {
      throw .invalidSetting("others would refuse what this host says of itself: \(error)")
    }
  }
}
