internal import MeshModel

/// What a document is, as its `apiVersion` and `kind` tell.
enum DocumentKind: String, CaseIterable, Sendable {
  case service = "Service"
  case endpointSlice = "EndpointSlice"
  case networkPolicy = "NetworkPolicy"
  case httpRoute = "HTTPRoute"
  case grpcRoute = "GRPCRoute"
  case tlsRoute = "TLSRoute"
  case authorizationPolicy = "AuthorizationPolicy"
  case requestAuthentication = "RequestAuthentication"
  case peerAuthentication = "PeerAuthentication"
  case backendTrafficPolicy = "BackendTrafficPolicy"
  case telemetry = "Telemetry"
  case sidecar = "Sidecar"
  case serviceEntry = "ServiceEntry"
  case workloadEntry = "WorkloadEntry"
  case destinationRule = "DestinationRule"

  /// The versions in which it is read; the first is the one to write.
  var versions: [String] {
    switch self {
    case .service: ["v1"]
    case .endpointSlice: ["discovery.k8s.io/v1"]
    case .networkPolicy: ["networking.k8s.io/v1"]
    case .httpRoute: ["gateway.networking.k8s.io/v1", "gateway.networking.k8s.io/v1beta1"]
    case .grpcRoute: ["gateway.networking.k8s.io/v1", "gateway.networking.k8s.io/v1alpha2"]
    case .tlsRoute:
      [
        "gateway.networking.k8s.io/v1alpha3", "gateway.networking.k8s.io/v1alpha2", "gateway.networking.k8s.io/v1",
      ]
    case .authorizationPolicy, .requestAuthentication, .peerAuthentication:
      ["security.istio.io/v1", "security.istio.io/v1beta1"]
    case .backendTrafficPolicy: ["gateway.envoyproxy.io/v1alpha1"]
    case .telemetry: ["telemetry.istio.io/v1", "telemetry.istio.io/v1alpha1"]
    case .sidecar, .serviceEntry, .workloadEntry, .destinationRule:
      ["networking.istio.io/v1", "networking.istio.io/v1beta1", "networking.istio.io/v1alpha3"]
    }
  }

  /// What a document of it is called in errors.
  var noun: String {
    switch self {
    case .service: "service"
    case .endpointSlice: "endpoint slice"
    case .networkPolicy: "policy"
    case .httpRoute: "route"
    case .grpcRoute: "gRPC route"
    case .tlsRoute: "TLS route"
    case .authorizationPolicy: "authorization policy"
    case .requestAuthentication: "request authentication"
    case .peerAuthentication: "peer authentication"
    case .backendTrafficPolicy: "traffic policy"
    case .telemetry: "telemetry"
    case .sidecar: "sidecar"
    case .serviceEntry: "service entry"
    case .workloadEntry: "workload entry"
    case .destinationRule: "destination rule"
    }
  }

  /// Documents of it that a mesh has.
  var limit: Int {
    switch self {
    // One for each family of a service's addresses.
    case .endpointSlice: 2 * SnapshotLimits.maxServices
    case .service: SnapshotLimits.maxServices
    // Of each; what a snapshot holds of all together is bounded by itself.
    case .httpRoute, .grpcRoute, .tlsRoute: SnapshotLimits.maxRoutes
    default: SnapshotLimits.maxPolicies
    }
  }

  private static let list = "List"
  /// Entries of one list: more than `limit` allows of any kind is said later.
  private static let maxItems = 100_000

  /// The document, or those of a list, each with its kind. What is neither is left out, with an error.
  static func unrolled(_ document: Field) -> [(document: Field, kind: DocumentKind)] {
    switch heading(document) {
    case .one(let kind): return [(document, kind)]
    case .list:
      guard let fields = document.object(["apiVersion", "kind", "metadata", "items"]) else { return [] }
      return (fields["items"]?.list(limit: maxItems) ?? []).compactMap { item in
        switch heading(item) {
        case .one(let kind): return (item, kind)
        case .list:
          item.error("a list within a list is not supported")
          return nil
        case nil: return nil
        }
      }
    case nil: return []
    }
  }

  private enum Heading {
    case one(DocumentKind)
    case list
  }

  /// What the document is, where it is one we read in the right version.
  private static func heading(_ document: Field) -> Heading? {
    guard let pairs = document.anyObject() else { return nil }
    guard let kindField = pairs.last(where: { $0.name == "kind" })?.value, !kindField.isNull else {
      document.error("kind is missing; known here: \(known.joined(separator: ", "))")
      return nil
    }
    guard let kind = kindField.text() else { return nil }
    let single = DocumentKind(rawValue: kind)
    let versions: [String]? =
      kind == list ? ["v1"] : single?.versions ?? allCases.first { "\($0.rawValue)List" == kind }?.versions
    guard let versions, let wanted = versions.first else {
      kindField.error("\"\(kind)\" is not supported; \(Suggestion.clause(for: kind, among: known))")
      return nil
    }
    guard let versionField = pairs.last(where: { $0.name == "apiVersion" })?.value, !versionField.isNull else {
      document.error("apiVersion is missing; wanted is apiVersion: \(wanted)")
      return nil
    }
    guard let found = versionField.text() else { return nil }
    guard versions.contains(found) else {
      versionField.error("\"\(found)\" is not the version of \(kind); wanted is \(wanted)")
      return nil
    }
    return single.map { .one($0) } ?? .list
  }

  private static let known = allCases.map(\.rawValue) + [list]
}
