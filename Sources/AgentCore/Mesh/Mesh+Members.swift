internal import Replication

/// Other hosts' records, as members are shown and forgotten by.
extension Mesh {
  /// What this host holds of others.
  func holdings(of owners: [OwnerID]) -> [OwnerID: Replica.Holding] {
    owners.reduce(into: [:]) { $0[$1] = replica.holding(of: $1) }
  }

  /// Hosts whose records are here, and this one.
  var knownHosts: Int { replica.others.count + 1 }

  /// Drops what dead hosts wrote that leave no documents; how many records, nil where there is no such host.
  func forget(_ isMeant: (OwnerID) -> Bool) throws -> Int? {
    let owners = replica.others.filter(isMeant)
    guard !owners.isEmpty else { return nil }
    var records = 0
    for owner in owners {
      let held = replica.holding(of: owner)?.records ?? 0
      let directives = replica.forget(owner)
      guard !directives.isEmpty else { continue }
      try carryOut(directives)
      records += held
    }
    return records
  }
}
