public import MeshModel

/// What a query asks for (RFC 1035 section 4.1.2).
public struct Question: Hashable, Sendable {
  /// The name, in the case that the client chose.
  public var name: DomainName
  /// What is wanted of it.
  public var type: RecordType
  /// Its class.
  public var recordClass: RecordClass

  /// A question, of the Internet's names by default.
  public init(_ name: DomainName, _ type: RecordType, _ recordClass: RecordClass = .in) {
    self.name = name
    self.type = type
    self.recordClass = recordClass
  }
}

/// A record of a name (RFC 1035 section 4.1.3).
public struct ResourceRecord: Hashable, Sendable {
  /// Whose it is.
  public var name: DomainName
  /// Its class.
  public var recordClass: RecordClass
  /// How long it may be kept, in seconds, at most 2^31 - 1 (RFC 2181 section 8).
  public var ttl_s: UInt32
  /// What it says.
  public var data: RecordData

  /// A record, of the Internet's names by default.
  public init(_ name: DomainName, ttl_s: UInt32, _ data: RecordData, recordClass: RecordClass = .in) {
    self.name = name
    self.ttl_s = ttl_s
    self.data = data
    self.recordClass = recordClass
  }
}

/// What a record says. Names in it are read whether compressed or not; what is not listed here stays bytes, and has no
/// compressed names in it (RFC 3597 section 4).
public enum RecordData: Hashable, Sendable {
  /// An IPv4 address.
  case a(IPAddress)
  /// An IPv6 address.
  case aaaa(IPAddress)
  /// A zone's server.
  case ns(DomainName)
  /// Another name for the same.
  case cname(DomainName)
  /// A name, of an address for instance.
  case ptr(DomainName)
  /// Who takes mail.
  case mx(preference: UInt16, DomainName)
  /// The start of a zone's authority.
  case soa(StartOfAuthority)
  /// Where a service is (RFC 2782).
  case srv(ServiceLocation)
  /// Anything else, as it is in the message.
  case other(RecordType, [UInt8])

  /// The type by which it is asked for.
  public var type: RecordType {
    switch self {
    case .a: .a
    case .aaaa: .aaaa
    case .ns: .ns
    case .cname: .cname
    case .ptr: .ptr
    case .mx: .mx
    case .soa: .soa
    case .srv: .srv
    case .other(let type, _): type
    }
  }

  /// The record of `address` in its own family.
  static func address(_ address: IPAddress) -> RecordData { address.isIPv4 ? .a(address) : .aaaa(address) }
}

/// The record at the top of a zone (RFC 1035 section 3.3.13). Times in seconds.
public struct StartOfAuthority: Hashable, Sendable {
  /// The zone's first server.
  public var server: DomainName
  /// Whom to write to; the first dot stands for the at sign.
  public var mailbox: DomainName
  /// Grows with each change.
  public var serial: UInt32
  /// When a copy looks for changes.
  public var refresh_s: UInt32
  /// When it looks again after it could not.
  public var retry_s: UInt32
  /// When it may no longer be used.
  public var expire_s: UInt32
  /// How long may be kept that something does not exist (RFC 2308).
  public var minimum_s: UInt32

  /// The start of a zone.
  public init(
    server: DomainName,
    mailbox: DomainName,
    serial: UInt32,
    refresh_s: UInt32,
    retry_s: UInt32,
    expire_s: UInt32,
    minimum_s: UInt32
  ) {
    self.server = server
    self.mailbox = mailbox
    self.serial = serial
    self.refresh_s = refresh_s
    self.retry_s = retry_s
    self.expire_s = expire_s
    self.minimum_s = minimum_s
  }
}

/// A host and port that serve something (RFC 2782).
public struct ServiceLocation: Hashable, Sendable {
  /// Lower ones are tried first.
  public var priority: UInt16
  /// The share among those of one priority.
  public var weight: UInt16
  /// The TCP or UDP port.
  public var port: UInt16
  /// The host.
  public var target: DomainName

  /// A place; all are alike by default.
  public init(priority: UInt16 = 0, weight: UInt16 = 0, port: UInt16, target: DomainName) {
    self.priority = priority
    self.weight = weight
    self.port = port
    self.target = target
  }
}
