internal import Logging
internal import MeshDocuments
internal import MeshModel
internal import Replication

/// Policy documents: read strictly, kept as JSON, replicated to all hosts, the last writer winning.
extension Mesh {
  /// What became of a change of documents.
  struct DocumentAnswer {
    var outcomes: [DocumentOutcome] = []
    var issues: [DocumentIssue] = []
    var leftOut = 0
  }

  /// What became of one document, and whose concurrent writes it replaced.
  struct DocumentOutcome {
    let key: DocumentKey
    let action: DocumentChange.Action
    let replaced: [String]
  }

  /// A document with its history.
  struct DocumentAccount {
    let key: DocumentKey
    let json: [UInt8]
    let document: Document?
  }

  /// Takes no change of documents from now on, for this reason; nil: takes them again. What only this host would ever know is
  /// not acknowledged.
  func refuseDocuments(_ reason: String?) { documentsRefused = reason }

  /// Takes documents, all or none.
  func apply(_ sources: [DocumentSource], isDryRun: Bool) throws -> DocumentAnswer {
    let reading = DocumentSet.reading(sources)
    guard !reading.documents.isEmpty else {
      return DocumentAnswer(issues: reading.issues, leftOut: reading.leftOut)
    }
    return try carryOut(
      documents.applying(reading.documents),
      reading.documents.map { Write(RecordKey($0.key), .lasting, $0.json) },
      isDryRun: isDryRun,
      after: reading.issues
    )
  }

  /// Deletes documents; what is not there is no error.
  func delete(_ keys: [DocumentKey], isDryRun: Bool) throws -> DocumentAnswer {
    try carryOut(
      documents.deleting(keys),
      keys.filter { documents[$0] != nil }.map { Write(RecordKey($0), .lasting, nil) },
      isDryRun: isDryRun,
      after: []
    )
  }

  private func carryOut(
    _ change: DocumentChange,
    _ writes: [Write],
    isDryRun: Bool,
    after issues: [DocumentIssue]
  ) throws -> DocumentAnswer {
    var answer = DocumentAnswer(issues: issues + change.issues, leftOut: change.leftOut)
    guard !change.isRefused else { return answer }
    answer.outcomes = change.outcomes.map { outcome in
      let rivals = catalogue.document(RecordKey(outcome.key))?.conflicts ?? []
      return DocumentOutcome(key: outcome.key, action: outcome.action, replaced: rivals.map(\.owner.name))
    }
    guard !isDryRun else { return answer }
    if let documentsRefused { throw MeshRefusal("\(documentsRefused)") }
    // One batch, so that all of it is on disk or nothing.
    guard writes.count <= ReplicationLimits.batchWrites else {
      throw MeshRefusal(
        "\(writes.count) documents at once are more than the \(ReplicationLimits.batchWrites) that are written together; apply them in parts"
      )
    }
    let before = change.keys.map { ($0, documents[$0]) }
    dirty.effects.add(documents.take(change))
    do {
      try write(writes)
    } catch {
      let known = before.compactMap(\.1)
      dirty.effects.add(documents.replicate(known, deleting: before.filter { $0.1 == nil }.map(\.0)))
      throw error
    }
    return answer
  }

  /// Documents of a kind, namespace and name; empty or nil: of any.
  func accounts(kinds: Set<String>?, namespace: String, name: String) -> [DocumentAccount] {
    documents.documents { key in
      (kinds?.contains(key.kind) ?? true) && (namespace.isEmpty || key.namespace == namespace)
        && (name.isEmpty || key.name == name)
    }
    .map { DocumentAccount(key: $0.key, json: $0.json, document: catalogue.document(RecordKey($0.key))) }
  }

  /// Brings the set up to what the catalogue holds of these keys, and notes what is in force otherwise for that.
  func refreshDocuments(_ keys: some Sequence<RecordKey>) {
    var changed: [MeshDocument] = []
    var deleted: [DocumentKey] = []
    for key in keys {
      let own = DocumentKey(key)
      guard let content = catalogue.document(key)?.winner.record.content else {
        deleted.append(own)
        continue
      }
      if documents[own]?.json != content { changed.append(MeshDocument(stored: own, json: content)) }
    }
    deleted = deleted.filter { documents[$0] != nil }
    guard !changed.isEmpty || !deleted.isEmpty else { return }
    dirty.effects.add(documents.replicate(changed, deleting: deleted))
    for document in changed {
      guard let problem = documents[document.key]?.problem else { continue }
      log.warning("\(document.key) came from another host and cannot be used here: \(problem)")
    }
  }
}

extension RecordKey {
  init(_ key: DocumentKey) {
    self.init(kind: Kind(rawValue: key.kind), namespace: key.namespace, name: key.name)
  }
}

extension DocumentKey {
  init(_ key: RecordKey) { self.init(kind: key.kind.rawValue, namespace: key.namespace, name: key.name) }
}

/// Why the mesh did not do what it was asked, in one sentence.
struct MeshRefusal: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
