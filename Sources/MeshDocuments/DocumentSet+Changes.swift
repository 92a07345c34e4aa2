public import MeshModel

extension DocumentSet {
  /// What would become of the set with these documents in it. All are taken or none; they are held against the whole set, and
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
    let findings = judged(changed.compactMap(\.read), without: Set(changed.map(\.key)))
    let isRefused = findings.issues.hasErrors
    return DocumentChange(
      isRefused: isRefused,
      documents: isRefused ? [] : changed,
      deleted: [],
      outcomes: isRefused ? [] : outcomes,
      issues: findings.issues.inOrder(of: changed.compactMap { $0.place?.file }, others: .max),
      leftOut: findings.issues.leftOut
    )
  }

  /// What would become of the set without the documents of these keys. Nothing is refused; what still names them is warned
  /// of.
  public func deleting(_ keys: [DocumentKey]) -> DocumentChange {
    let outcomes = keys.map { key in
      DocumentChange.Outcome(key: key, action: self[key] == nil ? .missing : .deleted)
    }
    let findings = judged([], without: Set(keys))
    return DocumentChange(
      isRefused: false,
      documents: [],
      deleted: keys,
      outcomes: outcomes,
      issues: findings.issues.inOrder(of: [], others: .max),
      leftOut: findings.issues.leftOut
    )
  }

  /// Takes a change that was held against this set; one that was refused changes nothing.
  @discardableResult
  public mutating func take(_ change: DocumentChange) -> DocumentEffects {
    replicate(change.documents, deleting: change.deleted)
  }

  /// Takes what other hosts wrote and deleted: nothing is refused.
  @discardableResult
  public mutating func replicate(_ documents: [MeshDocument], deleting keys: [DocumentKey] = []) -> DocumentEffects {
    // Of each key the last.
    let last = Dictionary(documents.map { ($0.key, $0) }) { _, last in last }
    let new = last.values.compactMap { document -> MeshDocument? in
      // What is here already was read and judged already.
      let known = self[document.key]
      return known?.json == document.json && known?.problem == document.problem ? nil : document.inMesh
    }
    let gone = keys.filter { self[$0] != nil && last[$0] == nil }
    guard !new.isEmpty || !gone.isEmpty else { return DocumentEffects() }
    return settle(new, inPlaceOf: Set(gone).union(new.map(\.key)))
  }
}

/// What a change would make of a set.
public struct DocumentChange: Sendable {
  /// Whether an error keeps it from being taken.
  public let isRefused: Bool
  /// What is new or other than in the set.
  let documents: [MeshDocument]
  let deleted: [DocumentKey]
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

  /// The keys of all documents that are other for it.
  public var keys: [DocumentKey] { documents.map(\.key) + deleted }
}

/// What is in force otherwise for a change of a set.
public struct DocumentEffects: Sendable {
  /// Services that came, went or are others than before.
  public var services: Set<ServiceName> = []
  /// What of all else is.
  public var configuration = ConfigurationChange()

  /// None.
  public init() {}

  init(configuration: ConfigurationChange) { self.configuration = configuration }

  /// Whether there are none.
  public var isEmpty: Bool { services.isEmpty && configuration.isEmpty }

  /// These effects and later ones.
  public mutating func add(_ later: DocumentEffects) {
    services.formUnion(later.services)
    configuration.add(later.configuration)
  }
}
