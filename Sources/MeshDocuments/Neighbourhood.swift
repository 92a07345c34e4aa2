internal import MeshModel

/// The documents that may be judged otherwise for a change, beside those that change.
///
/// Whether one of several that contradict each other is left out depends on those before it, so all that are tied are in
/// it, and what is tied to these. What only names a service, as a route does, is judged again with that service, and pulls
/// in nothing more.
struct Neighbourhood {
  /// By their keys.
  private(set) var documents: [DocumentKey: ReadDocument] = [:]
  /// The full names of services that may be others for the change.
  private(set) var services: Set<String> = []

  private let changed: Set<DocumentKey>
  private var queue: [ReadDocument] = []

  /// What is around `seeds`, as they are before and after a change of the documents of these keys.
  init(of seeds: [ReadDocument], changing changed: Set<DocumentKey>, _ ties: DocumentTies) {
    self.changed = changed
    for key in changed { expand(key, ties) }
    for seed in seeds { expand(seed, ties) }
    // Each document is in the queue once at most.
    while let document = queue.popLast() { expand(document, ties) }
  }

  /// In order of their keys.
  var inOrder: [ReadDocument] { documents.values.sorted { $0.key < $1.key } }

  // The ties are handed down and not kept, or a change of them that follows would find them shared and copy them.

  /// What names a document, be there one or not.
  private mutating func expand(_ key: DocumentKey, _ ties: DocumentTies) {
    enqueue(ties[.target(key)])
    guard key.kind == DocumentKind.service.rawValue else { return }
    enqueue(ties[.service(key.fullName)])
    enqueue(ties[.slice(key.fullName)])
    pullRoutes(to: key.fullName, ties)
  }

  private mutating func expand(_ document: ReadDocument, _ ties: DocumentTies) {
    switch document.content {
    case .service(let content): expand(content, ties)
    case .serviceEntry(let entry):
      expand(entry.service, ties)
      guard let label = entry.label(in: document.key.namespace) else { return }
      enqueue(ties[.workload(label)]) { other in
        if case .workloadEntry(let workload) = other.content { entry.selects(workload) } else { false }
      }
    case .endpointSlice(let slice):
      if let name = slice.service?.fullName { enqueue(ties[.service(name)]) }
    case .workloadEntry(let workload):
      for label in workload.labels(in: document.key.namespace) {
        enqueue(ties[.entry(label)]) { other in
          if case .serviceEntry(let entry) = other.content { entry.selects(workload) } else { false }
        }
      }
    case .backendTrafficPolicy, .telemetry, .sidecar, .peerAuthentication:
      for tie in document.ties { enqueue(ties[tie]) }
    case .httpRoute, .networkPolicy, .authorizationPolicy, .requestAuthentication: break
    }
  }

  private mutating func expand(_ content: ServiceDocument, _ ties: DocumentTies) {
    let name = content.fullName
    for tie in ReadDocument.ties(content) { enqueue(ties[tie]) }
    // Those that it had before and those that it has.
    for key in content.service.hostKeys { enqueue(ties[.target(key)]) }
    guard services.insert(name).inserted else { return }
    enqueue(ties[.slice(name)])
    let service = content.service
    enqueue(ties[.target(DocumentKey(.service, namespace: service.namespace, name: service.name))])
    pullRoutes(to: name, ties)
  }

  private mutating func pullRoutes(to service: String, _ ties: DocumentTies) {
    for route in ties[.route(service)] where !changed.contains(route.key) { documents[route.key] = route }
  }

  private mutating func enqueue(_ found: [ReadDocument], where isMeant: (ReadDocument) -> Bool = { _ in true }) {
    for document in found where !changed.contains(document.key) && documents[document.key] == nil && isMeant(document) {
      documents[document.key] = document
      queue.append(document)
    }
  }
}
