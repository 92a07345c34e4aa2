public import MeshModel
public import Replication

/// What a host says of itself by gossip: Serf's tags, typed.
///
/// Whoever has the gossip key can say anything here. A fingerprint only says which key the host's records must be signed
/// with, and which one must answer at its address.
public struct MemberTags: Hashable, Sendable {
  /// Whether the host signs certificates for others.
  public enum Role: String, Hashable, Sendable {
    case member
    case authority
  }

  /// The fingerprint of the key that signs the host's records.
  public var key: KeyFingerprint
  /// Where its agent listens for other agents.
  public var peerAddress: SocketAddress
  /// Whether it signs certificates.
  public var role: Role
  /// The version of the protocol between agents.
  public var protocolVersion: Int

  /// What a host says of itself.
  public init(key: KeyFingerprint, peerAddress: SocketAddress, role: Role = .member, protocolVersion: Int = 1) {
    self.key = key
    self.peerAddress = peerAddress
    self.role = role
    self.protocolVersion = protocolVersion
  }

  /// The tags' names.
  private enum Name {
    static let key = "fp"
    static let peerAddress = "addr"
    static let role = "role"
    static let protocolVersion = "v"
  }

  /// The tags as Serf has them. They take 130 of its 512 bytes at most.
  var encoded: [String: String] {
    [
      Name.key: key.bytes.map { Self.digits[Int($0 >> 4)] + Self.digits[Int($0 & 15)] }.joined(),
      Name.peerAddress: peerAddress.description,
      Name.role: role.rawValue,
      Name.protocolVersion: String(protocolVersion),
    ]
  }

  private static let digits = "0123456789abcdef".map(String.init)

  /// Reads the tags of a member. Others than ours are left for later versions.
  init(_ tags: [String: String]) throws(MemberRefusal) {
    func tag(_ name: String) throws(MemberRefusal) -> String {
      guard let text = tags[name] else { throw .missingTag(name) }
      return text
    }
    guard let key = Self.fingerprint(try tag(Name.key)) else { throw .malformedTag(Name.key) }
    guard let address = SocketAddress(try tag(Name.peerAddress)), address.port != 0, !address.ip.isUnspecified else {
      throw .malformedTag(Name.peerAddress)
    }
    guard let role = Role(rawValue: try tag(Name.role)) else { throw .malformedTag(Name.role) }
    let digits = try tag(Name.protocolVersion)
    guard digits.utf8.count <= 4, let version = UInt16(digits), String(version) == digits, version > 0 else {
      throw .malformedTag(Name.protocolVersion)
    }
    self.init(key: key, peerAddress: address, role: role, protocolVersion: Int(version))
  }

  private static func fingerprint(_ text: String) -> KeyFingerprint? {
    let digits = Array(text.utf8)
    guard digits.count == 64 else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: 64, by: 2) {
      guard let high = nibble(digits[index]), let low = nibble(digits[index + 1]) else { return nil }
      bytes.append(high << 4 | low)
    }
    return KeyFingerprint(bytes)
  }

  /// The value of a lower-case digit: one fingerprint has one text.
  private static func nibble(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}

/// Why a member of the gossip is not one of the mesh.
public enum MemberRefusal: Error, Hashable, Sendable {
  /// A name that is empty, longer than `MembershipLimit.nameBytes` or has other characters than letters, digits, `.`,
  /// `-` and `_`.
  case malformedName
  /// No address it gossips at.
  case malformedAddress
  /// A tag that every agent has is not there.
  case missingTag(String)
  /// A tag says nothing of its kind.
  case malformedTag(String)
  /// There are `MembershipLimit.members` already.
  case tooManyMembers
}

extension MemberRefusal: CustomStringConvertible {
  /// A clause that says what is wrong.
  public var description: String {
    switch self {
    case .malformedName: "its name is no host name of at most \(MembershipLimit.nameBytes) bytes"
    case .malformedAddress: "it has no address"
    case .missingTag(let name): "it has no tag \(name), so it is no agent of ours"
    case .malformedTag(let name): "its tag \(name) is malformed"
    case .tooManyMembers: "there are \(MembershipLimit.members) members already"
    }
  }
}
