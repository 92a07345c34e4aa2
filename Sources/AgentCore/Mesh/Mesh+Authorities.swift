internal import Replication

/// Who has the authority's role, as records tell it. A root has signed what is in them, so it matters not which host wrote
/// one, and a later one of another host hides none.
extension Mesh {
  /// What hosts wrote of it.
  func rosters() -> [[UInt8]] { catalogue.writes(.authorities).compactMap(\.record.content) }

  /// Has all hosts know this one, where it is not what they know already.
  func publish(roster: [UInt8]) throws { try write([Write(.authorities, .lasting, roster)]) }

  /// Shows others this credential from now on.
  func readmit(credential: [UInt8]) throws {
    self.credential = credential
    try carryOut(replica.readmit(credential: credential, now: Clocks.moment))
  }
}

extension RecordKey.Kind {
  /// Who has the authority's role: `AuthorityRoster`.
  static let authorities = RecordKey.Kind(rawValue: "authorities")
}

extension RecordKey {
  /// The one record of its kind.
  static let authorities = RecordKey(kind: .authorities, namespace: "", name: "authorities")
}
