/// A document that is right by itself. Immutable and shared: each change of one is held against all others, which are put
/// into one list after another for it.
final class ReadDocument: Sendable {
  let key: DocumentKey
  let kind: DocumentKind
  /// Where its name stands.
  let nameSpot: Spot
  let content: DocumentContent
  /// The file that it is read from now; nil for a document that the mesh already has, whose file is long gone.
  let file: String?

  init(key: DocumentKey, kind: DocumentKind, nameSpot: Spot, content: DocumentContent, file: String?) {
    self.key = key
    self.kind = kind
    self.nameSpot = nameSpot
    self.content = content
    self.file = file
  }

  /// The same as a document of the mesh.
  var inMesh: ReadDocument {
    file == nil ? self : ReadDocument(key: key, kind: kind, nameSpot: nameSpot, content: content, file: nil)
  }

  /// An issue at `spot`. Of what the mesh has already, the document's name says more than a line that nobody can open.
  func issue(_ severity: DocumentIssue.Severity, _ spot: Spot, _ message: String) -> DocumentIssue {
    DocumentIssue(
      severity: severity,
      file: file ?? key.description,
      line: file == nil ? 0 : spot.line,
      column: file == nil ? 0 : spot.column,
      field: spot.field,
      message: message
    )
  }

  /// Where something of it is given, for errors of other documents.
  func given(_ spot: Spot) -> String { file.map { "at \($0):\(spot.line):\(spot.column)" } ?? "in the mesh" }
}
