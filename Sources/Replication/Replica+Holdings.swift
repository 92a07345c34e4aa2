extension Replica {
  /// What this replica has of an owner.
  public struct Holding: Hashable, Sendable {
    /// How many records.
    public let records: Int
    /// The last of them.
    public let last: Version
  }

  /// What is held of an owner; nil where that is nothing.
  public func holding(of owner: OwnerID) -> Holding? {
    store[owner].map { Holding(records: $0.records.count, last: $0.head.last) }
  }

  /// All other owners of which something is held.
  public var others: [OwnerID] { store.sets.map(\.head.owner).filter { $0 != owner } }

  /// Drops what an owner wrote that will not come back. One that is alive, or that wrote documents, stays: others would
  /// send it again.
  public mutating func forget(_ gone: OwnerID) -> [Directive] {
    guard gone != owner, !members.isAlive(gone), let set = store[gone], !set.isLasting else { return [] }
    drop(set)
    return takeOutput()
  }

  /// By what the owners are admitted of which something is held.
  public var credentials: [OwnerID: [UInt8]] {
    Dictionary(store.sets.map { ($0.head.owner, $0.credential) }) { first, _ in first }
  }

  /// Drops what another owner wrote, documents too and though it is alive: nothing admits it any more, so nobody sends it again.
  public mutating func withdraw(_ owner: OwnerID) -> [Directive] {
    guard owner != self.owner, let set = store[owner] else { return [] }
    fetches.drop(owner)
    for entry in set.entries { documents.apply(.dropped(owner, entry.record.key)) }
    drop(set)
    return takeOutput()
  }

  mutating func drop(_ set: OwnerSet) {
    let gone = set.head.owner
    deadSince_ms[gone] = nil
    store.remove(gone)
    counters.forgotten += 1
    let keys = set.entries.map(\.record.key)
    output.append(.persist(Batch(owner: gone, state: nil, puts: [], removes: keys)))
    output.append(.applied(keys.map { .dropped(gone, $0) }))
  }
}
