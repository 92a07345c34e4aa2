/// Gathers what documents say of each other that cannot be, or that is probably not meant.
///
/// A new document that cannot be is an error. One that the mesh has already, perhaps from a host that knew better, is a
/// warning: it must not keep others from being changed, so it is left out.
final class Findings {
  /// Whose issues are gathered.
  enum Scope {
    /// All: the documents are read from files, which the issues name.
    case files
    /// Those of new documents, and of those that speak of one of these, which are written or deleted.
    case change(of: Set<DocumentKey>)
    /// Of each document of a mesh only how many, but of these what they are.
    case mesh(texts: Set<DocumentKey>)
  }

  /// For files and changes.
  let issues: IssueList
  /// For a mesh: how many issues each document has that has any.
  private(set) var counts: [DocumentKey: Int] = [:]
  /// For a mesh: the issues of the documents that were asked for.
  private(set) var texts: [DocumentKey: [DocumentIssue]] = [:]
  /// Documents that are left out.
  private(set) var refused: Set<DocumentKey> = []
  /// Whether a bound on all documents together was met. Then it depends on all which of them are left out, and else each
  /// depends on its neighbours alone.
  private(set) var areAtBounds = false
  private let scope: Scope

  init(_ scope: Scope, _ issues: IssueList = IssueList()) {
    self.scope = scope
    self.issues = issues
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

  /// Refuses `document` for a bound on all documents together.
  func bound(_ document: ReadDocument, _ message: @autoclosure () -> String) {
    areAtBounds = true
    error(document, document.nameSpot, about: nil, message())
  }

  /// Which documents there is room for depends on all of them.
  func meetBounds() { areAtBounds = true }

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
    switch scope {
    case .files: issues.add(severity) { document.issue(severity, spot, message()) }
    case .change(let keys):
      guard document.file != nil || other.map(keys.contains) == true else { return }
      issues.add(severity) { document.issue(severity, spot, message()) }
    case .mesh(let wanted):
      counts[document.key, default: 0] += 1
      if wanted.contains(document.key) {
        texts[document.key, default: []].append(document.issue(severity, spot, message()))
      }
    }
  }
}
