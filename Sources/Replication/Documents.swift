/// One owner's record of a document.
public struct Contender: Hashable, Sendable {
  /// Who wrote it.
  public let owner: OwnerID
  /// What was written.
  public let record: Record

  var mark: Mark { Mark(owner: owner, stamp: record.stamp) }

  /// Whether this writer had seen what another wrote, and so replaced it.
  func replaces(_ other: Contender) -> Bool {
    owner != other.owner && record.replaces.contains { $0.owner == other.owner && $0.stamp >= other.record.stamp }
  }
}

/// A document as all hosts come to see it.
public struct Document: Hashable, Sendable {
  /// The last writer's record; a tombstone if it deleted the document.
  public let winner: Contender
  /// Writes that no other writer had seen, made at the same time as the winner and lost to it. They are kept until
  /// someone writes the document again.
  public let conflicts: [Contender]
}

/// Who wrote which document, over all owners.
struct Documents: Sendable {
  private var contenders: [RecordKey: [Contender]] = [:]

  var keys: some Collection<RecordKey> { contenders.keys }

  mutating func apply(_ change: Change) {
    switch change {
    case .put(let owner, let record):
      drop(owner, record.key)
      if record.lifetime == .lasting {
        contenders[record.key, default: []].append(Contender(owner: owner, record: record))
      }
    case .dropped(let owner, let key): drop(owner, key)
    case .alive, .dead: break
    }
  }

  private mutating func drop(_ owner: OwnerID, _ key: RecordKey) {
    guard var rest = contenders[key] else { return }
    rest.removeAll { $0.owner == owner }
    contenders[key] = rest.isEmpty ? nil : rest
  }

  subscript(key: RecordKey) -> Document? {
    guard let all = contenders[key], let winner = all.max(by: { $0.mark < $1.mark }) else { return nil }
    let conflicts = all.filter { one in
      one != winner && one.record.content != winner.record.content && !all.contains { $0.replaces(one) }
    }
    return Document(winner: winner, conflicts: conflicts.sorted { $0.mark > $1.mark })
  }

  func writes(_ key: RecordKey) -> [Contender] { contenders[key] ?? [] }

  /// All writes of a document that are known, ascending; the latest if there are more than a record can name.
  func marks(_ key: RecordKey) -> [Mark] {
    (contenders[key] ?? []).map(\.mark).sorted().suffix(ReplicationLimits.marks)
  }

  /// Whether a deletion by `owner` keeps another owner's earlier content out of sight.
  func hidesOthers(_ key: RecordKey, of owner: OwnerID) -> Bool {
    (contenders[key] ?? []).contains { $0.owner != owner && !$0.record.isTombstone }
  }
}
