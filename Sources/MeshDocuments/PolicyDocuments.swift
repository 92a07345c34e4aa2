public import MeshModel

/// What came of reading documents.
public struct DocumentReading: Sendable {
  /// The policies of all documents; nil where an error refused them.
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

/// Kubernetes NetworkPolicy documents, read strictly: all errors of all files, or a snapshot.
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
    var names = PolicyNames()
    var policies: [NetworkPolicy] = []
    for source in sources {
      let roots = YAMLStream.documents(source, issues)
      if roots.isEmpty, !issues.hasErrors { issues.warning(source.name, "holds no document") }
      for root in roots {
        let document = Field(node: root, path: "", file: source.name, issues: issues)
        for (field, policy) in DocumentKind.policies(document) where names.isNew(policy, field) {
          policies.append(policy)
        }
      }
    }
    let snapshot = issues.hasErrors ? nil : snapshot(policies, issues)
    return DocumentReading(
      snapshot: snapshot,
      issues: issues.inOrder(of: sources.map(\.name)),
      leftOut: issues.leftOut,
      files: sources.count
    )
  }

  /// The snapshot of policies that are each right: what can still be wrong is their number.
  private static func snapshot(_ policies: [NetworkPolicy], _ issues: IssueList) -> Snapshot? {
    do throws(SnapshotError) {
      return try Snapshot(policies: policies)
    } catch {
      issues.error("snapshot", error.message, field: error.place)
      return nil
    }
  }
}

/// The names that policies have so far, each with the place where it was given.
private struct PolicyNames {
  private var places: [String: String] = [:]

  /// Whether no policy before had the name; the second to have it is an error that tells where the first is.
  mutating func isNew(_ policy: NetworkPolicy, _ field: Field) -> Bool {
    if let first = places[policy.fullName] {
      field.error("policy \(policy.fullName) is already given at \(first)")
      return false
    }
    places[policy.fullName] = field.place
    return true
  }
}
