import MeshDocuments
import WeftTestKit

/// Documents by seed, of few names, addresses and labels, so that they contradict, select and name each other.
struct RandomDocuments {
  private var random: SplitMix64

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  private static let kinds = [
    "Service", "EndpointSlice", "HTTPRoute", "GRPCRoute", "BackendTrafficPolicy", "DestinationRule", "Telemetry",
    "Sidecar",
    "ServiceEntry", "WorkloadEntry", "NetworkPolicy", "AuthorizationPolicy", "PeerAuthentication",
  ]
  private static let namespaces = ["default", "shop"]
  private static let names = ["a", "b", "c", "d"]

  mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }

  private mutating func pick(_ list: [String]) -> String { list[below(list.count)] }

  mutating func key() -> DocumentKey {
    DocumentKey(kind: pick(Self.kinds), namespace: pick(Self.namespaces), name: pick(Self.names))
  }

  /// Different documents in one text.
  mutating func text(count: Int) -> String {
    var keys: Set<DocumentKey> = []
    while keys.count < count { keys.insert(key()) }
    return keys.sorted().map { text($0) }.joined(separator: "---\n")
  }

  mutating func text(_ key: DocumentKey) -> String {
    let name = "name: \(key.name), namespace: \(key.namespace)"
    switch key.kind {
    case "Service":
      let address = below(3) == 0 ? "" : below(4) == 0 ? "clusterIP: None, " : "clusterIP: 10.0.0.\(below(5)), "
      let other = below(2) == 0 ? "" : ", {name: sql, port: \(90 + below(2))}"
      return "apiVersion: v1\nkind: Service\nmetadata: {\(name)}\n"
        + "spec: {\(address)ports: [{name: web, port: \(80 + below(2))}\(other)]}\n"
    case "EndpointSlice":
      return "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n"
        + "metadata: {\(name), labels: {kubernetes.io/service-name: \(pick(Self.names))}}\n"
        + "addressType: IPv4\nports: [{name: \(pick(["web", "sql"])), port: 8080}]\n"
        + "endpoints: [{addresses: [10.1.0.\(below(6))]}, {addresses: [10.2.0.\(below(6))]}]\n"
    case "HTTPRoute", "GRPCRoute":
      let backend = "{name: \(pick(Self.names)), namespace: \(pick(Self.namespaces)), port: \(80 + below(3))}"
      return "apiVersion: gateway.networking.k8s.io/v1\nkind: \(key.kind)\nmetadata: {\(name)}\n"
        + "spec: {parentRefs: [{group: \"\", kind: Service, name: \(pick(Self.names))}], "
        + "rules: [{backendRefs: [\(backend)]}]}\n"
    case "BackendTrafficPolicy":
      let targets = (0..<(1 + below(2))).map { _ in
        below(3) == 0
          ? "{group: gateway.networking.k8s.io, kind: \(pick(["HTTPRoute", "GRPCRoute"])), name: \(pick(Self.names))}"
          : "{group: \"\", kind: Service, name: \(pick(Self.names))}"
      }
      return "apiVersion: gateway.envoyproxy.io/v1alpha1\nkind: BackendTrafficPolicy\nmetadata: {\(name)}\n"
        + "spec: {targetRefs: [\(Set(targets).sorted().joined(separator: ", "))], loadBalancer: {type: RoundRobin}}\n"
    case "DestinationRule":
      return "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {\(name)}\n"
        + "spec: {host: \(pick(Self.names)), trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}}\n"
    case "Telemetry":
      return "apiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata: {\(name)}\n"
        + "spec: {selector: {matchLabels: {app: \(pick(["x", "z"]))}}, "
        + "accessLogging: [{disabled: \(pick(["true", "false"]))}]}\n"
    case "PeerAuthentication":
      return "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {\(name)}\n"
        + "spec: {selector: {matchLabels: {app: \(pick(["x", "z"]))}}, "
        + "mtls: {mode: \(pick(["STRICT", "PERMISSIVE", "UNSET"]))}}\n"
    case "Sidecar":
      return "apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {\(name)}\n"
        + "spec: {workloadSelector: {labels: {app: \(pick(["x", "z"]))}}, "
        + "outboundTrafficPolicy: {mode: \(pick(["ALLOW_ANY", "REGISTRY_ONLY"]))}}\n"
    case "ServiceEntry":
      let address = below(2) == 0 ? "" : "addresses: [10.0.0.\(below(5))], "
      let tier = below(2) == 0 ? "" : ", tier: \(pick(["t", "u"]))"
      let served =
        below(2) == 0
        ? "workloadSelector: {labels: {app: \(pick(["x", "z"]))\(tier)}}"
        : "endpoints: [{address: 10.3.0.\(below(4))}]"
      return "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {\(name)}\n"
        + "spec: {hosts: [\(key.name)], \(address)resolution: STATIC, \(served), "
        + "ports: [{number: \(80 + below(2)), name: web, protocol: TCP}]}\n"
    case "WorkloadEntry":
      return "apiVersion: networking.istio.io/v1\nkind: WorkloadEntry\nmetadata: {\(name)}\n"
        + "spec: {address: 10.4.0.\(below(4)), "
        + "labels: {app: \(pick(["x", "z", "w"])), tier: \(pick(["t", "u"]))}}\n"
    case "NetworkPolicy":
      return "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {\(name)}\n"
        + "spec: {podSelector: {matchLabels: {app: \(pick(["x", "z"]))}}, policyTypes: [Ingress]}\n"
    default:
      return "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {\(name)}\n"
        + "spec: {selector: {matchLabels: {app: \(pick(["x", "z"]))}}, action: ALLOW}\n"
    }
  }
}
