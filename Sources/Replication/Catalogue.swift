/// What the mesh looks like from here: for each document its winner, for each service the endpoints of live hosts.
///
/// It is fed with what replicas apply, in order.
public struct Catalogue: Sendable {
  private var documents = Documents()
  private var bound: [RecordKey: [OwnerID: Record]] = [:]
  /// The keys of `bound` by owner: a host that comes or goes is a matter of its services, not of all.
  private var keysOfOwner: [OwnerID: Set<RecordKey>] = [:]
  private var alive: Set<OwnerID> = []

  /// An empty catalogue; feed it `Replica.contents` first.
  public init() {}

  /// Takes one change.
  public mutating func apply(_ change: Change) {
    documents.apply(change)
    switch change {
    case .put(let owner, let record):
      if record.lifetime == .bound && !record.isTombstone {
        bound[record.key, default: [:]][owner] = record
        keysOfOwner[owner, default: []].insert(record.key)
      } else {
        drop(owner, record.key)
      }
    case .dropped(let owner, let key): drop(owner, key)
    case .alive(let owner): alive.insert(owner)
    case .dead(let owner): alive.remove(owner)
    }
  }

  private mutating func drop(_ owner: OwnerID, _ key: RecordKey) {
    guard bound[key]?.removeValue(forKey: owner) != nil else { return }
    if bound[key]?.isEmpty == true { bound[key] = nil }
    keysOfOwner[owner]?.remove(key)
    if keysOfOwner[owner]?.isEmpty == true { keysOfOwner[owner] = nil }
  }

  /// A document with its conflicts; nil where none was ever written, or its deletion is forgotten.
  public func document(_ key: RecordKey) -> Document? { documents[key] }

  /// All owners' writes of a document, in no order: for what is signed within, and so is true whoever wrote it.
  public func writes(_ key: RecordKey) -> [Contender] { documents.writes(key) }

  /// The keys of all documents, deleted ones too, in order.
  public var documentKeys: [RecordKey] { documents.keys.sorted() }

  /// The keys under which live hosts have bound records, in order.
  public var boundKeys: [RecordKey] {
    bound.filter { _, records in records.keys.contains(where: alive.contains) }.keys.sorted()
  }

  /// The keys under which one owner has bound records, whether it is alive or not, in no order.
  public func boundKeys(of owner: OwnerID) -> [RecordKey] { Array(keysOfOwner[owner] ?? []) }

  /// What live hosts have under a key, by owner.
  public func endpoints(_ key: RecordKey) -> [Contender] {
    (bound[key] ?? [:]).filter { alive.contains($0.key) }.map { Contender(owner: $0.key, record: $0.value) }
      .sorted { $0.owner < $1.owner }
  }
}
