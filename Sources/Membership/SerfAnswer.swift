internal import MeshModel

/// What Serf answered to a request.
enum SerfAnswer: Hashable, Sendable {
  case done
  /// With so many of the addresses.
  case joined(Int)
  case members([SerfMember])
  case stats(SerfStats)

  /// Which of them a request gets.
  enum Kind: Hashable, Sendable {
    case done
    case joined
    case members
    case stats
  }

  /// Reads the part behind the header of an answer that is not `done`; nil where it is none.
  init?(_ kind: Kind, _ body: MessagePack) {
    switch kind {
    case .done: return nil
    case .joined:
      guard let count = body["Num"]?.integer, let count = Int(exactly: count) else { return nil }
      self = .joined(count)
    case .members:
      guard let members = SerfMember.list(body["Members"]) else { return nil }
      self = .members(members)
    case .stats:
      guard let stats = SerfStats(body) else { return nil }
      self = .stats(stats)
    }
  }
}

/// A member as Serf has it. What it says of itself is not checked here.
struct SerfMember: Hashable, Sendable {
  enum Status: String, Hashable, Sendable {
    case none
    case alive
    case leaving
    case left
    case failed
  }

  /// Bytes that are no UTF-8 replaced: such a name is refused anyway.
  var name: String
  /// Where it gossips; nil for an address that is none.
  var address: SocketAddress?
  /// Those that are text.
  var tags: [String: String]
  var status: Status

  /// The list in an answer or event; nil unless it is one. Serf sends null for an empty one.
  static func list(_ value: MessagePack?) -> [SerfMember]? {
    if value == .null { return [] }
    guard case .array(let values) = value else { return nil }
    var members: [SerfMember] = []
    members.reserveCapacity(values.count)
    for value in values {
      guard let member = SerfMember(value) else { return nil }
      members.append(member)
    }
    return members
  }

  private init?(_ value: MessagePack) {
    guard let name = value["Name"]?.rawBytes, let status = value["Status"]?.text.flatMap(Status.init),
      let port = value["Port"]?.integer.flatMap({ UInt16(exactly: $0) })
    else { return nil }
    self.name = String(decoding: name, as: UTF8.self)
    self.status = status
    address = value["Addr"]?.rawBytes.flatMap { IPAddress(network: $0) }.map { SocketAddress($0, port: port) }
    tags = [:]
    guard case .map(let pairs) = value["Tags"] else { return }
    for pair in pairs {
      if let key = pair.key.text, let text = pair.value.text, tags[key] == nil { tags[key] = text }
    }
  }

  init(name: String, address: SocketAddress?, tags: [String: String], status: Status) {
    self.name = name
    self.address = address
    self.tags = tags
    self.status = status
  }
}

extension IPAddress {
  /// An address of 4 or 16 bytes in network order; nil for any other number of them.
  init?(network bytes: [UInt8]) {
    func word(_ part: ArraySlice<UInt8>) -> UInt64 { part.reduce(0) { $0 << 8 | UInt64($1) } }
    switch bytes.count {
    case 4: self.init(v4: UInt32(word(bytes[...])))
    case 16: self.init(high: word(bytes[..<8]), low: word(bytes[8...]))
    default: return nil
    }
  }
}

/// The counters of Serf that change with its members.
struct SerfStats: Hashable, Sendable {
  var members: Int
  var failed: Int
  var left: Int
  /// Serf's Lamport clock of joins and leaves.
  var memberTime: UInt64

  /// Reads the answer to `stats`, in which all is text.
  init?(_ body: MessagePack) {
    guard let serf = body["serf"] else { return nil }
    guard let members = serf["members"]?.text.flatMap({ Int($0) }),
      let failed = serf["failed"]?.text.flatMap({ Int($0) }),
      let left = serf["left"]?.text.flatMap({ Int($0) }),
      let time = serf["member_time"]?.text.flatMap({ UInt64($0) })
    else { return nil }
    (self.members, self.failed, self.left, memberTime) = (members, failed, left, time)
  }
}

/// A membership event of Serf's stream. It comes one to three seconds after the fact.
struct SerfEvent: Hashable, Sendable {
  enum Kind: String, Hashable, Sendable {
    case join = "member-join"
    case leave = "member-leave"
    case failed = "member-failed"
    case update = "member-update"
    case reap = "member-reap"
  }

  let kind: Kind
  let members: [SerfMember]

  init?(_ body: MessagePack) {
    guard let kind = body["Event"]?.text.flatMap(Kind.init), let members = SerfMember.list(body["Members"]) else {
      return nil
    }
    self.kind = kind
    self.members = members
  }
}
