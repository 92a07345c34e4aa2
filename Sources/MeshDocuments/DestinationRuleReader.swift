internal import MeshModel

/// Reads Istio's DestinationRule (istio.io/api networking/v1alpha3 destination_rule.proto), as far as it says how an
/// endpoint is chosen.
enum DestinationRuleReader {
  private static let advice = [
    "subsets": "is not supported; write a Service for each, and an HTTPRoute with backendRefs",
    "exportTo": "is not supported: a rule is for all workloads; leave it out",
    "workloadSelector": "is not supported: a rule is for all workloads; leave it out",
  ]
  private static let policyAdvice = [
    "connectionPool": "is not supported", "outlierDetection": "is not supported", "tls": "is not supported",
    "portLevelSettings": "is not supported: a rule is for all ports of its service", "tunnel": "is not supported",
    "proxyProtocol": "is not supported",
    "retryBudget": "is not supported here; write retry in an HTTPRoute's rule",
  ]
  private static let balancingAdvice = [
    "consistentHash": "is not supported; write simple", "localityLbSetting": "is not supported",
    "warmup": "is not supported", "warmupDurationSecs": "is not supported",
  ]

  private enum Simple: String, CaseIterable {
    case leastRequest = "LEAST_REQUEST", roundRobin = "ROUND_ROBIN", random = "RANDOM"
    case leastConnections = "LEAST_CONN", unspecified = "UNSPECIFIED"

    var balancing: TrafficPolicy.LoadBalancing {
      switch self {
      // Istio reads the old name as the new one, and nothing said as this.
      case .leastRequest, .leastConnections, .unspecified: .leastRequest
      case .roundRobin: .roundRobin
      case .random: .random
      }
    }
  }

  /// The policy that it is; nil after an error.
  static func read(_ document: Field) -> (ObjectName, TrafficDocument)? {
    guard let (name, spec) = document.nameAndSpec(wanted: "host: ..., trafficPolicy: ..."),
      let fields = spec.object(["host", "trafficPolicy"], advice: advice)
    else { return nil }
    let balancing = spec.require("trafficPolicy", in: fields, "trafficPolicy: {loadBalancer: ...}").flatMap(policy)
    let hostField = spec.require("host", in: fields, "host: web")
    guard let name, let hostField, let host = host(hostField, name), let balancing else { return nil }
    let policy = TrafficPolicy(
      namespace: name.namespace,
      name: name.name,
      targets: [.service(host.name)],
      loadBalancing: balancing
    )
    return (name, TrafficDocument(policy: policy, targets: [hostField.spot]))
  }

  private static func host(_ field: Field, _ name: ObjectName) -> MeshHost? {
    guard let text = field.text() else { return nil }
    guard let host = MeshHost(text, in: name.namespace) else {
      field.error("\"\(text.prefix(100))\" is not the name of a service, as web or web.\(name.namespace).mesh")
      return nil
    }
    guard host.namespace == name.namespace else {
      field.error("is of namespace \(host.namespace), and a rule is for services of its own; write it there")
      return nil
    }
    return host
  }

  private static func policy(_ field: Field) -> TrafficPolicy.LoadBalancing? {
    guard let fields = field.object(["loadBalancer"], advice: policyAdvice),
      let balancer = field.require("loadBalancer", in: fields, "loadBalancer: {simple: ROUND_ROBIN}"),
      let inner = balancer.object(["simple"], advice: balancingAdvice)
    else { return nil }
    return balancer.require("simple", in: inner, "simple: ROUND_ROBIN")?.word(
      Simple.self,
      "way to choose",
      advice: ["PASSTHROUGH": "is not supported; write a ServiceEntry with resolution: NONE"]
    )?.balancing
  }
}
