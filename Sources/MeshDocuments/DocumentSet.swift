public import MeshModel

/// All documents of a mesh, each read once, and what they say together.
///
/// What is kept of how they go together is changed by what is tied to a change, and is at any time what a set made anew of
/// the same documents has: nothing depends on how it came about.
public struct DocumentSet: Sendable {
  /// By their keys, those that cannot be used too.
  private(set) var entries: [DocumentKey: MeshDocument] = [:]
  private(set) var ties = DocumentTies()
  /// How many there are of each kind, of those that can be used.
  private(set) var counts: [DocumentKind: Int] = [:]
  private(set) var state = State()

  /// How the documents go together.
  struct State: Sendable {
    /// By their full names.
    var services: [String: Assembly.Merged] = [:]
    /// Endpoints given to all of them.
    var endpoints = 0
    /// Documents that are left out for what others say.
    var refused: Set<DocumentKey> = []
    /// How many issues each has that has any.
    var issues: [DocumentKey: Int] = [:]
    /// A bound on all documents together was met, so a change is held against all.
    var areAtBounds = false
  }

  /// No document.
  public static let empty = DocumentSet()

  private init() {}

  /// The documents that a mesh has. Nothing is refused: what cannot be used is left out of `compiled`, and said there.
  /// Of several with one key the last counts.
  public init(stored: [MeshDocument]) { _ = replicate(stored) }

  /// How many there are.
  public var count: Int { entries.count }

  /// All of them, in order of their keys.
  public var documents: [MeshDocument] { entries.values.sorted { $0.key < $1.key } }

  /// The document of that key.
  public subscript(key: DocumentKey) -> MeshDocument? { entries[key] }

  /// Those that hold for `isMeant`, in order of their keys.
  public func documents(where isMeant: (DocumentKey) -> Bool) -> [MeshDocument] {
    entries.values.filter { isMeant($0.key) }.sorted { $0.key < $1.key }
  }

  /// A service as documents give it, with all endpoints.
  public func service(_ name: ServiceName) -> Service? { state.services[name.fullName]?.service }

  /// Whether its document says that a service is not to be given an address (`clusterIP: None`).
  public func isHeadless(_ name: ServiceName) -> Bool {
    let key = DocumentKey(.service, namespace: name.namespace, name: name.name)
    guard case .service(let content) = entries[key]?.read?.content else { return false }
    return content.isHeadless && !state.refused.contains(key)
  }

  /// Puts documents in place of those of `keys`, whose state is `state` then.
  mutating func exchange(_ keys: Set<DocumentKey>, for new: [MeshDocument], _ change: (inout State) -> Void) {
    for key in keys {
      guard let old = entries.removeValue(forKey: key) else { continue }
      state.issues[key] = nil
      guard let read = old.read else { continue }
      counts[read.kind, default: 1] -= 1
      ties.remove(read)
    }
    for document in new {
      entries[document.key] = document
      if document.problem != nil { state.issues[document.key] = 1 }
      guard let read = document.read else { continue }
      counts[read.kind, default: 0] += 1
      ties.insert(read)
    }
    change(&state)
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

/// What a service is known by.
public struct ServiceName: Hashable, Sendable {
  /// Its namespace.
  public let namespace: String
  /// Its name there.
  public let name: String

  /// The name of a service.
  public init(namespace: String, name: String) {
    self.namespace = namespace
    self.name = name
  }

  var fullName: String { "\(namespace)/\(name)" }
}
