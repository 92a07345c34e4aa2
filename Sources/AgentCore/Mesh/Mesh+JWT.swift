internal import Replication

/// By which keys authorities sign JWT-SVIDs, as records tell it: each authority's own, which its host key has signed. Whether a
/// host is an authority, the roster says.
extension Mesh {
  /// What hosts wrote of their own keys.
  func jwtKeys() -> [OwnerID: [UInt8]] {
    var sets: [OwnerID: [UInt8]] = [:]
    for key in catalogue.documentKeys where key.kind == .jwtKeys {
      // Who writes under another's name writes of nobody.
      for write in catalogue.writes(key) where key == .jwtKeys(of: write.owner) {
        sets[write.owner] = write.record.content
      }
    }
    return sets
  }

  /// Has all hosts know this host's keys; with nil, that it has none any more.
  func publish(jwtKeys: [UInt8]?) throws {
    try write([Write(.jwtKeys(of: identity.owner), .lasting, jwtKeys)])
  }
}

extension RecordKey.Kind {
  /// Keys of JWT-SVIDs: `JWTKeySet`.
  static let jwtKeys = RecordKey.Kind(rawValue: "jwt-keys")

  /// Whether records of this kind are agents' own matter, and no documents of operators'.
  var isInternal: Bool { self == .authorities || self == .jwtKeys || self == .roots }
}

extension RecordKey {
  /// One of each owner: the key's fingerprint is nobody else's, so no host's record is in another's way.
  static func jwtKeys(of owner: OwnerID) -> RecordKey {
    let name = owner.key.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    return RecordKey(kind: .jwtKeys, namespace: "", name: name)
  }
}
