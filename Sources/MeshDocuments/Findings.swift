/// Gathers what documents say of each other that cannot be, or that is probably not meant.
///
/// A new document that cannot be is an error. One that the mesh has already, perhaps from a host that knew better, is a
/// warning: it must not keep others from being changed, so it is left out.
final class Findings {
  /// Of all documents.
  let all: IssueList
  /// Of new documents, and of those that speak of what changes.
  let ofChange = IssueList()
  /// Documents that are left out.
  private(set) var refused: Set<DocumentKey> = []
  /// The documents that are written or deleted; nil where all are read from files.
  private let changes: Set<DocumentKey>?

  /// For documents that are all read from files, with issues that name these.
  init(_ all: IssueList) {
    self.all = all
    changes = nil
  }

  /// For the documents of a mesh of which some change.
  init(changes: Set<DocumentKey>) {
    all = IssueList()
    self.changes = changes
  }

  /// Refuses `document` for something at `spot`, which has to do with `other`.
  func error(
    _ document: ReadDocument,
    _ spot: Spot,
    about other: DocumentKey?,
    _ message: @autoclosure () -> String
  ) {
    refused.insert(document.key)
    if document.file != nil {
      add(.error, document, spot, other, message)
    } else {
      add(.warning, document, spot, other) {
        "\(message()); \(document.kind.noun) \(document.key.fullName) is left out"
      }
    }
  }

  func warning(
    _ document: ReadDocument,
    _ spot: Spot,
    about other: DocumentKey?,
    _ message: @autoclosure () -> String
  ) {
    add(.warning, document, spot, other, message)
  }

  private func add(
    _ severity: DocumentIssue.Severity,
    _ document: ReadDocument,
    _ spot: Spot,
    _ other: DocumentKey?,
    _ message: () -> String
  ) {
    guard let changes else { return all.add(severity) { document.issue(severity, spot, message()) } }
    all.add(severity) { document.inMesh.issue(severity, spot, message()) }
    if document.file != nil || other.map(changes.contains) == true {
      ofChange.add(severity) { document.issue(severity, spot, message()) }
    }
  }
}
