/// What an owner says of its whole set of records, signed: a peer that passes the set on can leave nothing out.
public struct Head: Hashable, Sendable {
  /// Whose records.
  public let owner: OwnerID
  /// The version of the latest record or, if a head alone was renewed, of that head.
  public let last: Version
  /// The earlier epochs that this set goes on from. Who holds more of one than this holds writes that the owner has
  /// lost, and must give them back before it follows.
  let past: Past
  /// Tombstones up to here are dropped. Who is behind cannot learn of their deletions and fetches the whole set.
  public let floor: Version
  /// The number of records.
  public let count: UInt32
  /// The sum of the records' hashes.
  public let digest: SetDigest
  /// The owner's signature over all of the above.
  public internal(set) var signature: [UInt8]

  var position: Position { Position(last: last, digest: digest) }

  /// Whether a set that ends at `version` is part of this one's past.
  func includes(_ version: Version) -> Bool { version.epoch == last.epoch ? version <= last : past.includes(version) }
}
