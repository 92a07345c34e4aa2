public import MeshModel

/// What came of reading documents.
public struct DocumentReading: Sendable {
  /// What all documents say; nil where an error refused them.
  public let snapshot: Snapshot?
  /// Errors and warnings in the order of files and lines, up to a bound.
  public let issues: [DocumentIssue]
  /// Issues beyond that bound.
  public let leftOut: Int
  /// Files that were read.
  public let files: Int

  /// The issues that refuse the documents.
  public var errors: [DocumentIssue] { issues.filter { $0.severity == .error } }
  /// The issues that do not.
  public var warnings: [DocumentIssue] { issues.filter { $0.severity == .warning } }
}

/// The documents of the mesh, read strictly: all errors of all files, or a snapshot.
public enum PolicyDocuments {
  /// Reads the documents of `sources`. Nothing is taken unless all of it is right.
  public static func read(_ sources: [DocumentSource]) -> DocumentReading {
    read(sources, IssueList())
  }

  /// Reads the documents of files and directories: of a directory every `*.yaml`, `*.yml` and `*.json` below it,
  /// hidden ones left out; `-` is standard input.
  public static func read(paths: [String]) -> DocumentReading {
    let issues = IssueList()
    var files = DocumentFiles(issues)
    for path in paths { files.add(path) }
    return read(files.sources, issues)
  }

  private static func read(_ sources: [DocumentSource], _ issues: IssueList) -> DocumentReading {
    var documents: [ReadDocument] = []
    SourceReader.read(sources, issues) { documents.append($1) }
    // Across documents only once each is right: else most of it would follow from errors already told.
    let snapshot = issues.hasErrors ? nil : Self.snapshot(documents, issues)
    return DocumentReading(
      snapshot: snapshot,
      issues: issues.inOrder(of: sources.map(\.name)),
      leftOut: issues.leftOut,
      files: sources.count
    )
  }

  /// The snapshot of documents that are each right: what can still be wrong is how they go together, and their number.
  private static func snapshot(_ documents: [ReadDocument], _ issues: IssueList) -> Snapshot? {
    let assembly = Assembly(documents, Findings(.files, issues))
    guard !issues.hasErrors else { return nil }
    let compilation = Compilation(documents, without: [], assembly.services.map(\.service))
    do throws(SnapshotError) {
      return try Snapshot(policies: compilation.policies, mesh: compilation.mesh)
    } catch {
      issues.error("snapshot", error.message, field: error.place)
      return nil
    }
  }
}
