internal import MeshModel

/// Documents that are each right, put together: endpoints at their services, and left out what contradicts what came
/// before. It may be given all documents, or some with all that have to do with them (`Neighbourhood`).
struct Assembly {
  typealias Part<Content> = (document: ReadDocument, content: Content)

  /// What is known of the documents that are not among those put together.
  struct Surroundings {
    /// The endpoints of all their services.
    var endpoints = 0
    /// A service of theirs.
    var service: (DocumentKey) -> Service? = { _ in nil }
    /// Whether a route is one of them.
    var hasRoute: (DocumentKey) -> Bool = { _ in false }
    /// Whether one of their services has such a host (`DocumentKey.init(host:in:)`).
    var hasHost: (DocumentKey) -> Bool = { _ in false }
  }

  /// A service with all its endpoints, and how many it was given: one that two slices have counts twice.
  struct Merged: Sendable {
    let service: Service
    let given: Int
  }

  /// The services, in the order of their documents.
  private(set) var services: [Merged] = []

  private var given: [Part<ServiceDocument>] = []
  private var slices: [Part<EndpointSlice>] = []
  private var routes: [Part<RouteDocument>] = []
  private var traffic: [Part<TrafficDocument>] = []
  private var telemetry: [Part<TelemetryPolicy>] = []
  private var peerAuthentications: [Part<PeerAuthentication>] = []
  private var sidecars: [Part<SidecarPolicy>] = []
  private var entries: [DocumentKey: ServiceEntryDocument] = [:]
  private var workloads: [Part<WorkloadEntry>] = []

  /// Puts `documents` together, and into `findings` what is wrong with that and which of them are left out.
  init(_ documents: [ReadDocument], _ findings: Findings, beside rest: Surroundings = Surroundings()) {
    var counts: [DocumentKind: Int] = [:]
    for document in documents {
      let count = counts[document.kind, default: 0] + 1
      counts[document.kind] = count
      guard count <= document.kind.limit else {
        findings.bound(
          document,
          "is one \(document.kind.noun) more than the \(document.kind.limit) that a mesh may have"
        )
        continue
      }
      add(document)
    }
    finish(CrossChecks(findings: findings), rest)
  }

  private mutating func add(_ document: ReadDocument) {
    switch document.content {
    case .service(let content): given.append((document, content))
    case .endpointSlice(let content): slices.append((document, content))
    case .httpRoute(let content): routes.append((document, content))
    case .backendTrafficPolicy(let content): traffic.append((document, content))
    case .telemetry(let policy): telemetry.append((document, policy))
    case .peerAuthentication(let policy): peerAuthentications.append((document, policy))
    case .sidecar(let policy): sidecars.append((document, policy))
    case .serviceEntry(let entry):
      given.append((document, entry.service))
      entries[document.key] = entry
    case .workloadEntry(let entry): workloads.append((document, entry))
    case .networkPolicy, .authorizationPolicy, .requestAuthentication: break  // they speak of no other document
    }
  }

  private mutating func finish(_ checks: CrossChecks, _ rest: Surroundings) {
    let given = checks.withinBounds(checks.withoutClashes(given), beside: rest.endpoints)
    var endpoints = EndpointMerge(given, beside: rest.endpoints, checks.findings)
    for slice in slices { endpoints.add(slice.document, slice.content) }
    endpoints.add(workloads, entries)
    services = endpoints.merged()
    let byKey = Dictionary(
      services.map { (DocumentKey(.service, namespace: $0.service.namespace, name: $0.service.name), $0.service) },
      uniquingKeysWith: { first, _ in first }
    )
    checks.check(routes) { byKey[$0] ?? rest.service($0) }
    let routeKeys = Set(routes.map(\.document.key))
    let hosts = services.reduce(into: Set<DocumentKey>()) { $0.formUnion($1.service.hostKeys) }
    checks.checkClashes(traffic) { key in
      guard key.kind != DocumentKey.hostKind else { return hosts.contains(key) || rest.hasHost(key) }
      return byKey[key] != nil || routeKeys.contains(key) || rest.service(key) != nil || rest.hasRoute(key)
    }
    checks.checkClashes(telemetry, \.selector)
    checks.checkClashes(peerAuthentications, \.selector)
    checks.checkClashes(sidecars, \.selector)
  }
}
