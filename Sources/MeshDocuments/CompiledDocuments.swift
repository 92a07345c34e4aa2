public import MeshModel

/// What the documents of a mesh say together, each that can be used.
public struct CompiledDocuments: Sendable {
  /// What may connect to whom.
  public let policies: [NetworkPolicy]
  /// What becomes of requests, with the services that documents give.
  public let mesh: MeshConfiguration
  /// The services, as `namespace/name`, that are not to be given an address: their documents say `clusterIP: None`.
  public let headless: Set<String>
  /// Warnings, of each document by its kind and name, in order of these, up to a bound.
  public let issues: [DocumentIssue]
  /// Issues beyond that bound.
  public let leftOut: Int
  /// The documents that are kept and left out here.
  public let unused: Set<DocumentKey>
}

extension DocumentSet {
  /// All that the documents say together, put into one value: of as many documents, as much work.
  public var compiled: CompiledDocuments {
    let compilation = Compilation(
      entries.values.lazy.compactMap(\.read),
      without: state.refused,
      state.services.values.map(\.service)
    )
    let (issues, leftOut) = warnings
    return CompiledDocuments(
      policies: compilation.policies,
      mesh: compilation.mesh,
      headless: compilation.headless,
      issues: issues,
      leftOut: leftOut,
      unused: state.refused.union(entries.values.lazy.filter { $0.problem != nil }.map(\.key))
    )
  }

  /// What is wrong with documents that the mesh has, of each by its kind and name and in order of these, up to a bound; and
  /// how much is beyond it. How many issues each has is kept; what they say is found out for those that are told.
  public var warnings: (issues: [DocumentIssue], leftOut: Int) {
    var room = IssueList.maxIssues
    let told = state.issues.keys.sorted().prefix { key in
      defer { room -= state.issues[key] ?? 0 }
      return room > 0
    }
    let texts = texts(of: Set(told))
    let issues = told.flatMap { key -> [DocumentIssue] in
      guard let problem = entries[key]?.problem else { return texts[key] ?? [] }
      return [Self.issue(key, "is kept and left out: \(problem)")]
    }.prefix(IssueList.maxIssues)
    return (Array(issues), state.issues.values.reduce(0, +) - issues.count)
  }

  private static func issue(_ key: DocumentKey, _ message: String) -> DocumentIssue {
    DocumentIssue(severity: .warning, file: key.description, line: 0, column: 0, field: "", message: message)
  }
}
