internal import Glibc
internal import MeshModel

/// Options as a user spelt them; `typed()` is the only way from here to a rule.
public struct CaptureOptionText: Sendable {
  /// --proxy-uid
  public var proxyUsers: [String] = []
  /// --proxy-gid
  public var proxyGroups: [String] = []
  /// --proxy-mark
  public var proxyMarks: [String] = []
  /// --outbound-port
  public var outboundPort: String?
  /// --inbound-ports
  public var inboundPorts: String?
  /// --include-inbound-ports
  public var includeInboundPorts: [String] = []
  /// --exclude-inbound-ports
  public var excludeInboundPorts: [String] = []
  /// --include-outbound-ports
  public var includeOutboundPorts: [String] = []
  /// --exclude-outbound-ports
  public var excludeOutboundPorts: [String] = []
  /// --include-outbound-cidrs
  public var includeOutboundPrefixes: [String] = []
  /// --exclude-outbound-cidrs
  public var excludeOutboundPrefixes: [String] = []
  /// --exclude-interfaces
  public var excludeInterfaces: [String] = []
  /// --virtual-interfaces
  public var virtualInterfaces: [String] = []
  /// --exclude-uids
  public var excludeUsers: [String] = []
  /// --exclude-gids
  public var excludeGroups: [String] = []
  /// --non-tcp
  public var nonTCP: String?
  /// --resolvers
  public var resolvers: [String] = []
  /// --family
  public var families: String?
  /// --capture-dns
  public var captureDNS = false
  /// --refuse-quic
  public var refuseQUIC = false
  /// --drop-invalid
  public var dropInvalid = false

  /// Nothing given: every default.
  public init() {}

  /// Every value in its type, or the first that is none, with what would be right.
  public func typed() throws(UsageError) -> CaptureOptions {
    var options = CaptureOptions()
    let users = try list("--proxy-uid", proxyUsers, Advice.user, Account.user)
    if !users.isEmpty { options.proxyUsers = users }
    options.proxyGroups = try list("--proxy-gid", proxyGroups, Advice.group, Account.group)
    options.proxyMarks = try list("--proxy-mark", proxyMarks, Advice.mark) { PacketMark($0) }
    if let outboundPort {
      options.outboundPort = try one("--outbound-port", outboundPort, Advice.port) { PortRange($0) }
      guard options.outboundPort.first == options.outboundPort.last else {
        throw UsageError("--outbound-port", outboundPort, Advice.port)
      }
    }
    if let inboundPorts {
      options.inboundPorts = try one("--inbound-ports", inboundPorts, Advice.ports) { PortRange($0) }
    }
    options.includeInboundPorts =
      try selection("--include-inbound-ports", includeInboundPorts, Advice.ports) { PortRange($0) } ?? .all
    options.excludeInboundPorts = try list("--exclude-inbound-ports", excludeInboundPorts, Advice.ports) {
      PortRange($0)
    }
    options.includeOutboundPorts = try list("--include-outbound-ports", includeOutboundPorts, Advice.ports) {
      PortRange($0)
    }
    options.excludeOutboundPorts = try list("--exclude-outbound-ports", excludeOutboundPorts, Advice.ports) {
      PortRange($0)
    }
    // Asking for some ports means not all: the default of "every destination" would make the request void.
    options.includeOutboundPrefixes =
      try selection("--include-outbound-cidrs", includeOutboundPrefixes, Advice.prefix, Self.prefix)
      ?? (options.includeOutboundPorts.isEmpty ? .all : .only([]))
    options.excludeOutboundPrefixes = try list(
      "--exclude-outbound-cidrs",
      excludeOutboundPrefixes,
      Advice.prefix,
      Self.prefix
    )
    options.excludeInterfaces = try list("--exclude-interfaces", excludeInterfaces, Advice.interface) {
      InterfaceName($0)
    }
    options.virtualInterfaces = try list("--virtual-interfaces", virtualInterfaces, Advice.interface) {
      InterfaceName($0)
    }
    options.excludeUsers = try list("--exclude-uids", excludeUsers, Advice.user, Account.user)
    options.excludeGroups = try list("--exclude-gids", excludeGroups, Advice.group, Account.group)
    try switches(&options)
    return try options.validated()
  }

  private func switches(_ options: inout CaptureOptions) throws(UsageError) {
    if let nonTCP {
      guard nonTCP != "queue" else {
        throw UsageError("--non-tcp", nonTCP, "verdicts per flow are not in this version; give allow or deny")
      }
      options.nonTCP = try one("--non-tcp", nonTCP, "give allow or deny") { CaptureOptions.NonTCP(rawValue: $0) }
    }
    options.resolvers = try selection("--resolvers", resolvers, Advice.prefix, Self.prefix) ?? .all
    if let families {
      options.families = try one("--family", families, "give auto, 4 or 6") { CaptureOptions.Families(rawValue: $0) }
    }
    options.captureDNS = captureDNS
    options.refuseQUIC = refuseQUIC
    options.dropInvalid = dropInvalid
  }

  private enum Advice {
    static let port = "give one port from 1 to 65535"
    static let ports = "give ports from 1 to 65535, such as 80 or 9000-9010"
    static let prefix = "give addresses or blocks, such as 10.0.0.0/8 or 2001:db8::1"
    static let interface = "give interface names of at most 15 letters, digits, _ . : @ or -, such as eth0 or tap+"
    static let user = "give a user's number or the name of a user that exists"
    static let group = "give a group's number or the name of a group that exists"
    static let mark = "give a mark such as 1337, 0x539 or 0x500/0xf00"
  }

  /// A block, or one address as the block that holds only it.
  private static func prefix(_ text: String) -> IPPrefix? {
    IPPrefix(text) ?? IPAddress(text).flatMap { IPPrefix($0, length: $0.isIPv4 ? 32 : 128) }
  }

  private func one<T>(_ option: String, _ text: String, _ advice: String, _ parse: (String) -> T?) throws(UsageError)
    -> T
  {
    guard let value = parse(text) else { throw UsageError(option, text, advice) }
    return value
  }

  /// Options may be repeated and each may hold several values with commas between; a value given twice counts once.
  private func list<T: Equatable>(
    _ option: String,
    _ texts: [String],
    _ advice: String,
    _ parse: (String) -> T?
  ) throws(UsageError) -> [T] {
    var values: [T] = []
    for text in texts {
      for part in text.split(separator: ",", omittingEmptySubsequences: false) {
        let value = try one(option, String(part), advice, parse)
        if !values.contains(value) { values.append(value) }
      }
    }
    return values
  }

  /// `*` is all, `none` is nothing, either alone; nil where the option is not given.
  private func selection<T: Equatable>(
    _ option: String,
    _ texts: [String],
    _ advice: String,
    _ parse: (String) -> T?
  ) throws(UsageError) -> CaptureOptions.Selection<T>? {
    if texts.isEmpty { return nil }
    if texts == ["*"] { return .all }
    if texts == ["none"] { return .only([]) }
    return .only(try list(option, texts, "\(advice), or '*' for all, or none", parse))
  }
}

/// Users and groups by number or name (getpwnam(3), getgrnam(3)).
private enum Account {
  static func user(_ text: String) -> UInt32? { number(text) ?? getpwnam(text).map { $0.pointee.pw_uid } }
  static func group(_ text: String) -> UInt32? { number(text) ?? getgrnam(text).map { $0.pointee.gr_gid } }

  /// The last number means "no user" to the kernel (chown(2)), and iptables refuses it.
  private static func number(_ text: String) -> UInt32? {
    guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let id = UInt32(text), id != .max else { return nil }
    return id
  }
}
