internal import Foundation
public import MeshModel

/// What a person carries from a host of the mesh to a new one, as one word of text: a secret that admits once, the root to
/// be believed, and whom to ask.
public struct JoinToken: Hashable, Sendable {
  /// What every token begins with; the number is the version of what follows.
  public static let prefix = "weft-join-v1."
  /// Bytes of the secret: it cannot be guessed.
  public static let secretBytes = 32
  /// Addresses of agents to ask: enough that one of them lives, and few enough for a line.
  public static let maxAddresses = 8
  /// Characters of a token: eight addresses at their longest make 660.
  public static let maxCharacters = 1_024

  /// Admits, once or as often as was said when it was minted.
  public let secret: SecretBytes
  /// SHA-256 of the root's DER.
  public let pin: [UInt8]
  /// Agents to ask, at least one.
  public let addresses: [SocketAddress]

  /// A token of its parts.
  public init(secret: SecretBytes, pin: [UInt8], addresses: [SocketAddress]) throws(JoinTokenFault) {
    guard secret.bytes.count == Self.secretBytes else { throw .secret }
    guard pin.count == Self.pinBytes else { throw .pin }
    guard (1...Self.maxAddresses).contains(addresses.count) else { throw .addresses }
    for address in addresses where address.port == 0 || address.ip.isUnspecified || address.scope != 0 {
      throw .address("\(address)")
    }
    self.secret = secret
    self.pin = pin
    self.addresses = addresses
  }

  private static let pinBytes = 32

  /// Reads what `text` wrote, and nothing else.
  public init(_ text: String) throws(JoinTokenFault) {
    guard text.utf8.count <= Self.maxCharacters else { throw .tooLong(text.utf8.count) }
    guard text.utf8.starts(with: Self.prefix.utf8) else { throw .prefix }
    let parts = text.utf8.dropFirst(Self.prefix.utf8.count).split(
      separator: UInt8(ascii: "."),
      omittingEmptySubsequences: false
    )
    guard parts.count == 3 else { throw .parts(parts.count) }
    guard let secret = Base64URL.decode(parts[0]) else { throw .secret }
    guard let pin = Base64URL.decode(parts[1]) else { throw .pin }
    guard let list = Base64URL.decode(parts[2]).flatMap({ String(validating: $0, as: UTF8.self) }) else {
      throw .addresses
    }
    var addresses: [SocketAddress] = []
    for word in list.split(separator: ",", omittingEmptySubsequences: false) {
      // An address has several texts; a token has one.
      guard addresses.count < Self.maxAddresses else { throw .addresses }
      guard let address = SocketAddress(String(word)), address.description == String(word) else {
        throw .address(String(word))
      }
      addresses.append(address)
    }
    try self.init(secret: SecretBytes(secret), pin: pin, addresses: addresses)
  }

  /// The text to be carried. It holds the secret.
  public var text: String {
    let list = addresses.map(\.description).joined(separator: ",")
    let parts = [secret.bytes, pin, Array(list.utf8)].map(Base64URL.encode)
    return Self.prefix + parts.joined(separator: ".")
  }

  /// The bundle to believe an agent by that showed `chain` and its root at the end: a root that is the one pinned.
  ///
  /// Its version is 0; the mesh's own bundle comes with the answer to the join.
  public func bundle(of chain: [[UInt8]]) throws(JoinTokenFault) -> TrustBundle {
    guard let root = chain.last, root.count <= AuthorityLimit.certificateBytes,
      equalInConstantTime(sha256(root), pin)
    else { throw .otherRoot }
    guard let certificate = StoredCertificate(der: root), certificate.isRoot, let uris = certificate.uris,
      uris.count == 1, let id = try? SPIFFEID(uris[0]), id.path.isEmpty
    else { throw .otherRoot }
    return TrustBundle(trustDomain: id.trustDomain, version: 0, roots: [root])
  }

  /// Whether `root` (DER) is the root that the token pins.
  public func isPinned(_ root: [UInt8]) -> Bool { equalInConstantTime(sha256(root), pin) }

  /// Whether both say the same.
  public static func == (left: Self, right: Self) -> Bool {
    left.secret.equals(right.secret.bytes) && left.pin == right.pin && left.addresses == right.addresses
  }

  /// The pin and the addresses: a secret is not hashed.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(pin)
    hasher.combine(addresses)
  }
}

extension JoinToken: CustomStringConvertible {
  /// Whom it leads to, without the secret.
  public var description: String { "join token for \(addresses.map(\.description).joined(separator: ", "))" }
}

/// Why a text is no join token, or does not lead to the mesh it was made in.
public enum JoinTokenFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// It has this many characters.
  case tooLong(Int)
  /// It does not begin like a token of this version.
  case prefix
  /// It has this many parts behind the prefix.
  case parts(Int)
  /// The secret is damaged.
  case secret
  /// The pin is damaged.
  case pin
  /// The list of addresses is damaged, empty or too long.
  case addresses
  /// This is no `address:port` that can be asked.
  case address(String)
  /// The agent that was asked has another root.
  case otherRoot

  /// What is wrong. A damaged token is best copied again.
  public var description: String {
    switch self {
    case .tooLong(let count): "a join token of \(count) characters is longer than any; was more than the token copied?"
    case .prefix: "a join token begins with \(JoinToken.prefix)"
    case .parts(let count): "a join token has 3 parts after its prefix, this one has \(count); was it copied whole?"
    case .secret: "the token's secret is damaged; was it copied whole?"
    case .pin: "the token's root fingerprint is damaged; was it copied whole?"
    case .addresses: "the token's list of agents is damaged, empty or too long"
    case .address(let text):
      "the token names the agent \"\(text.filter { (" "..."~").contains($0) && $0.isASCII })\", which cannot be asked"
    case .otherRoot:
      "the agent that was asked has another root than the token pins: another mesh, or someone in between"
    }
  }
}
