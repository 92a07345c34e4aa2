public import MeshModel

/// All documents of a mesh, each read once, and what they say together. A value: a change makes another set, or none.
public struct DocumentSet: Sendable {
  /// The documents, in order of their keys, those that cannot be used too.
  public let documents: [MeshDocument]
  /// What they say together.
  public let compiled: CompiledDocuments

  /// No document.
  public static let empty = DocumentSet(stored: [])

  /// The documents that a mesh has. Nothing is refused: what cannot be used is left out of `compiled`, and said there.
  /// Of several with one key the last counts.
  public init(stored: [MeshDocument]) {
    let findings = Findings(changes: [])
    let documents = Self.ordered(stored).map(\.inMesh)
    let assembly = Assembly(documents.compactMap(\.read), findings)
    self.init(documents, assembly, findings)
  }

  init(_ documents: [MeshDocument], _ assembly: Assembly, _ findings: Findings) {
    self.documents = documents
    compiled = CompiledDocuments(assembly, findings, unusable: documents.filter { $0.problem != nil })
  }

  /// The document of that key.
  public subscript(key: DocumentKey) -> MeshDocument? {
    let index = index(of: key)
    return index < documents.count && documents[index].key == key ? documents[index] : nil
  }

  /// Reads sources to documents that the set can be changed by. Nothing is taken unless all of it is right by itself.
  public static func reading(_ sources: [DocumentSource]) -> MeshDocumentReading {
    let issues = IssueList()
    var documents: [MeshDocument] = []
    SourceReader.read(sources, issues, forMesh: true) { document, read in
      guard let json = CanonicalJSON.bytes(of: document, limit: MeshDocument.maxBytes) else { return }
      documents.append(MeshDocument(key: read.key, json: json, read: read))
    }
    return MeshDocumentReading(
      documents: issues.hasErrors ? [] : documents,
      issues: issues.inOrder(of: sources.map(\.name)),
      leftOut: issues.leftOut
    )
  }

  /// The documents in order of their keys, of each key the last.
  static func ordered(_ documents: [MeshDocument]) -> [MeshDocument] {
    Dictionary(documents.map { ($0.key, $0) }) { _, last in last }.values.sorted { $0.key < $1.key }
  }

  /// Where the document of that key is, or would be.
  private func index(of key: DocumentKey) -> Int {
    var range = 0..<documents.count
    while !range.isEmpty {
      let middle = range.lowerBound + range.count / 2
      if documents[middle].key < key {
        range = (middle + 1)..<range.upperBound
      } else {
        range = range.lowerBound..<middle
      }
    }
    return range.lowerBound
  }
}

/// What came of reading sources to documents.
public struct MeshDocumentReading: Sendable {
  /// The documents in the order of the sources, lists unrolled; empty where there is an error.
  public let documents: [MeshDocument]
  /// Errors and warnings in the order of files and lines, up to a bound.
  public let issues: [DocumentIssue]
  /// Issues beyond that bound.
  public let leftOut: Int
}

/// What the documents of a mesh say together, each that can be used.
public struct CompiledDocuments: Sendable {
  /// What may connect to whom.
  public let policies: [NetworkPolicy]
  /// What becomes of requests, with the services that documents give.
  public let mesh: MeshConfiguration
  /// The services, as `namespace/name`, that are not to be given an address: their documents say `clusterIP: None`.
  public let headless: Set<String>
  /// Warnings, of each document by its kind and name, up to a bound.
  public let issues: [DocumentIssue]
  /// Issues beyond that bound.
  public let leftOut: Int
  /// The documents that are kept and left out here.
  public let unused: Set<DocumentKey>

  init(_ assembly: Assembly, _ findings: Findings, unusable: [MeshDocument]) {
    policies = assembly.policies
    mesh = assembly.mesh
    headless = assembly.headless
    for document in unusable {
      findings.all.warning(document.key.description, "is kept and left out: \(document.problem ?? "")")
    }
    issues = findings.all.issues
    leftOut = findings.all.leftOut
    unused = findings.refused.union(unusable.map(\.key))
  }
}
