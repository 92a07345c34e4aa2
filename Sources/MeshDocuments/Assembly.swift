internal import MeshModel

/// Documents that are each right, put together: endpoints at their services, and left out what contradicts what came
/// before.
struct Assembly {
  typealias Part<Content> = (document: ReadDocument, content: Content)

  var policies: [NetworkPolicy] = []
  var mesh = MeshConfiguration()
  /// The full names of services that say that they have no address.
  private(set) var headless: Set<String> = []

  private var services: [Part<ServiceDocument>] = []
  private var slices: [Part<EndpointSlice>] = []
  private var routes: [Part<RouteDocument>] = []
  private var traffic: [Part<TrafficDocument>] = []
  private var telemetry: [Part<TelemetryPolicy>] = []
  private var sidecars: [Part<SidecarPolicy>] = []
  private var entries: [DocumentKey: ServiceEntryDocument] = [:]
  private var workloads: [Part<WorkloadEntry>] = []

  /// Puts `documents` together, and into `findings` what is wrong with that.
  init(_ documents: [ReadDocument], _ findings: Findings) {
    var counts: [DocumentKind: Int] = [:]
    for document in documents {
      let count = counts[document.kind, default: 0] + 1
      counts[document.kind] = count
      guard count <= document.kind.limit else {
        let message = "is one \(document.kind.noun) more than the \(document.kind.limit) that a mesh may have"
        findings.error(document, document.nameSpot, about: nil, message)
        continue
      }
      add(document)
    }
    finish(CrossChecks(findings: findings))
  }

  private mutating func add(_ document: ReadDocument) {
    switch document.content {
    case .service(let content): services.append((document, content))
    case .endpointSlice(let content): slices.append((document, content))
    case .networkPolicy(let policy): policies.append(policy)
    case .httpRoute(let content): routes.append((document, content))
    case .authorizationPolicy(let policy): mesh.authorizations.append(policy)
    case .requestAuthentication(let policy): mesh.authentications.append(policy)
    case .backendTrafficPolicy(let content): traffic.append((document, content))
    case .telemetry(let policy): telemetry.append((document, policy))
    case .sidecar(let policy): sidecars.append((document, policy))
    case .serviceEntry(let entry):
      services.append((document, entry.service))
      entries[document.key] = entry
    case .workloadEntry(let entry): workloads.append((document, entry))
    }
  }

  private mutating func finish(_ checks: CrossChecks) {
    let services = checks.withinBounds(checks.withoutClashes(services))
    var endpoints = EndpointMerge(services, checks.findings)
    for slice in slices { endpoints.add(slice.document, slice.content) }
    endpoints.add(workloads, entries)
    mesh.services = endpoints.merged()
    headless = Set(services.lazy.filter(\.content.isHeadless).map(\.content.fullName))
    let byKey = Dictionary(
      zip(mesh.services.map { DocumentKey(.service, namespace: $0.namespace, name: $0.name) }, mesh.services),
      uniquingKeysWith: { first, _ in first }
    )
    checks.check(routes, against: byKey)
    mesh.routes = routes.map(\.content.route)
    let routeKeys = Set(routes.map(\.document.key))
    traffic = checks.withoutClashes(traffic) { byKey[$0] != nil || routeKeys.contains($0) }
    mesh.traffic = traffic.map(\.content.policy)
    mesh.telemetry = checks.withoutClashes(telemetry, \.selector).map(\.content)
    mesh.sidecars = checks.withoutClashes(sidecars, \.selector).map(\.content)
    order()
  }
}
