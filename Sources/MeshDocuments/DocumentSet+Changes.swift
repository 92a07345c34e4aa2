extension DocumentSet {
  /// What becomes of the set with these documents in it. All are taken or none; they are held against the whole set, and
  /// an error is always one of these documents, in its file. One with the content that the set has already changes
  /// nothing and is not looked at.
  public func applying(_ documents: [MeshDocument]) -> DocumentChange {
    var outcomes: [DocumentChange.Outcome] = []
    var changed: [MeshDocument] = []
    for document in documents {
      let known = self[document.key]
      let isSame = known?.json == document.json && known?.problem == nil
      outcomes.append(.init(key: document.key, action: isSame ? .unchanged : known == nil ? .created : .configured))
      if !isSame { changed.append(document) }
    }
    let files = changed.compactMap { $0.place?.file }
    return change(changed, without: Set(changed.map(\.key)), outcomes, files)
  }

  /// What becomes of the set without the documents of these keys. Nothing is refused; what still names them is warned of.
  public func deleting(_ keys: [DocumentKey]) -> DocumentChange {
    let outcomes = keys.map { key in
      DocumentChange.Outcome(key: key, action: self[key] == nil ? .missing : .deleted)
    }
    return change([], without: Set(keys), outcomes, [])
  }

  /// The set after what other hosts wrote and deleted: nothing is refused.
  public func replicating(_ documents: [MeshDocument], deleting keys: [DocumentKey] = []) -> DocumentSet {
    let new = Self.ordered(documents).map { document in
      // What is here already was read already.
      self[document.key].flatMap { $0.json == document.json ? $0 : nil } ?? document.inMesh
    }
    let merged = merging(new, without: Set(keys).union(new.map(\.key)))
    let findings = Findings(changes: [])
    return DocumentSet(merged, Assembly(merged.compactMap(\.read), findings), findings)
  }

  private func change(
    _ changed: [MeshDocument],
    without keys: Set<DocumentKey>,
    _ outcomes: [DocumentChange.Outcome],
    _ files: [String]
  ) -> DocumentChange {
    if keys.isEmpty { return DocumentChange(set: self, outcomes: outcomes, issues: [], leftOut: 0) }
    let findings = Findings(changes: keys)
    // What changes comes last: so it is what is wrong where two contradict each other.
    let rest = documents.lazy.filter { !keys.contains($0.key) }.compactMap(\.read)
    let assembly = Assembly(Array(rest) + changed.compactMap(\.read), findings)
    let set =
      findings.ofChange.hasErrors
      ? nil : DocumentSet(merging(Self.ordered(changed).map(\.inMesh), without: keys), assembly, findings)
    return DocumentChange(
      set: set,
      outcomes: set == nil ? [] : outcomes,
      issues: findings.ofChange.inOrder(of: files, others: .max),
      leftOut: findings.ofChange.leftOut
    )
  }

  /// The documents without those of `keys`, and with `new`, which are in order.
  private func merging(_ new: [MeshDocument], without keys: Set<DocumentKey>) -> [MeshDocument] {
    var merged: [MeshDocument] = []
    merged.reserveCapacity(documents.count + new.count)
    var rest = new[...]
    for document in documents where !keys.contains(document.key) {
      while let next = rest.first, next.key < document.key {
        merged.append(next)
        rest.removeFirst()
      }
      merged.append(document)
    }
    return merged + rest
  }
}

/// What a change makes of a set.
public struct DocumentChange: Sendable {
  /// The set as it would be; nil where an error refuses the change.
  public let set: DocumentSet?
  /// What becomes of each document, in the order given; empty where the change is refused.
  public let outcomes: [Outcome]
  /// Errors and warnings: of the new documents in the order of their files and lines, then of those that speak of them.
  public let issues: [DocumentIssue]
  /// Issues beyond a bound.
  public let leftOut: Int

  /// What becomes of one document.
  public struct Outcome: Hashable, Sendable {
    /// Which one.
    public let key: DocumentKey
    /// What is done to it.
    public let action: Action
  }

  /// As `kubectl` says it.
  public enum Action: String, Hashable, Sendable, CaseIterable {
    case unchanged, created, configured, deleted
    /// Asked to delete what is not there.
    case missing = "not found"
  }
}
