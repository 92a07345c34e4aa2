internal import AgentStore
internal import Authority
internal import Membership
internal import MeshModel

/// What a host of a larger mesh keeps beside its database, as key files.
enum HostFile {
  static let gossipKey = "gossip.key"
  static let identity = "host-identity.key"

  /// The certificate by which this host is known to others, with its key; nil where there is none.
  static func readIdentity(_ store: AgentStore) throws -> Identity? {
    guard let bytes = try store.keys.read(identity) else { return nil }
    let parts = try RootList.decode(bytes)
    guard let key = parts.first else { throw AuthorityError.malformed("the host's identity") }
    var random = SystemRandomNumberGenerator()
    return try Identity(IssuedCertificate(chain: Array(parts.dropFirst()), using: &random), key: SecretBytes(key))
  }

  static func write(_ new: Identity, to store: AgentStore) throws {
    try store.keys.write(identity, RootList.encode([new.key.bytes] + new.certificate.chain))
  }
}

/// Addresses as one setting: their texts, behind each other.
enum AddressList {
  static func encode(_ addresses: [SocketAddress]) -> [UInt8] {
    Array(addresses.map(\.description).joined(separator: " ").utf8)
  }

  static func decode(_ bytes: [UInt8]) -> [SocketAddress] {
    String(decoding: bytes, as: UTF8.self).split(separator: " ").compactMap { SocketAddress(String($0)) }
  }
}
