internal import Logging
internal import Replication

/// Which roots are believed, as records tell it after one was forgotten: connections could not carry it to whom it concerns most. A
/// root that signs has signed what is in them, so it matters not which host wrote one.
extension Mesh {
  /// What hosts wrote of it.
  func toldRoots() -> [[UInt8]] { catalogue.writes(.roots).compactMap(\.record.content) }

  /// Has all hosts know these roots, as their statement says them.
  func publish(roots statement: [UInt8]) throws { try write([Write(.roots, .lasting, statement)]) }

  /// By what the owners are admitted whose records are here, this host among them.
  func credentials() -> [OwnerID: [UInt8]] { replica.credentials }

  /// Drops what owners wrote that nothing admits any more, whatever it is; how many records.
  func withdraw(_ owners: [OwnerID]) throws -> Int {
    var records = 0
    for owner in owners {
      records += replica.holding(of: owner)?.records ?? 0
      try carryOut(replica.withdraw(owner))
    }
    return records
  }
}

extension RecordKey.Kind {
  /// Which roots are believed: `TrustStatement`.
  static let roots = RecordKey.Kind(rawValue: "roots")
}

extension RecordKey {
  /// The one record of its kind.
  static let roots = RecordKey(kind: .roots, namespace: "", name: "roots")
}
