internal import MeshModel

/// Reads Istio's DestinationRule (istio.io/api networking/v1alpha3 destination_rule.proto), as far as it says how an
/// endpoint is chosen and spoken to.
enum DestinationRuleReader {
  private static let advice = [
    "subsets": "is not supported; write a Service for each, and an HTTPRoute with backendRefs",
    "exportTo": "is not supported: a rule is for all workloads; leave it out",
    "workloadSelector": "is not supported: a rule is for all workloads; leave it out",
  ]
  private static let policyAdvice = [
    "connectionPool": "is not supported", "outlierDetection": "is not supported", "tunnel": "is not supported",
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
    let settings = spec.require("trafficPolicy", in: fields, "trafficPolicy: {loadBalancer: ...}").flatMap(settings)
    let hostField = spec.require("host", in: fields, "host: web")
    guard let name, let hostField, let target = target(hostField, name), let settings else { return nil }
    let policy = TrafficPolicy(
      namespace: name.namespace,
      name: name.name,
      targets: [target],
      loadBalancing: settings.balancing,
      tls: settings.tls,
      portTLS: settings.ports
    )
    return (name, TrafficDocument(policy: policy, targets: [hostField.spot]))
  }

  private static func target(_ field: Field, _ name: ObjectName) -> TrafficPolicy.Target? {
    guard let text = field.text() else { return nil }
    guard let host = MeshHost(text, in: name.namespace) else {
      let outside = text.lowercased()
      guard let problem = HTTPSyntax.hostnameProblem(outside, mayBeWild: true) else { return .host(outside) }
      field.error(
        "\"\(text.prefix(100))\" \(problem); wanted is a service, as web or web.\(name.namespace).mesh, or a host of a ServiceEntry"
      )
      return nil
    }
    guard host.namespace == name.namespace else {
      field.error("is of namespace \(host.namespace), and a rule is for services of its own; write it there")
      return nil
    }
    return .service(host.name)
  }

  private struct Settings {
    var balancing: TrafficPolicy.LoadBalancing?
    var tls: UpstreamTLS?
    var ports: [TrafficPolicy.PortTLS] = []
  }

  private static func settings(_ field: Field) -> Settings? {
    guard let fields = field.object(["loadBalancer", "tls", "portLevelSettings"], advice: policyAdvice) else {
      return nil
    }
    if field.saysNothing(fields) { field.error("says nothing; wanted is loadBalancer or tls") }
    if let ports = fields["portLevelSettings"], fields["loadBalancer"] != nil {
      // Istio takes nothing over from the rule to a port: it would choose there as if loadBalancer were not written.
      ports.error("does not go with loadBalancer: a rule chooses endpoints for all ports of its service; leave one out")
    }
    return Settings(
      balancing: fields["loadBalancer"].flatMap(balancing),
      tls: fields["tls"].flatMap(UpstreamTLSReader.read),
      ports: fields["portLevelSettings"].map(ports) ?? []
    )
  }

  private static func ports(_ field: Field) -> [TrafficPolicy.PortTLS] {
    var seen: Set<UInt16> = []
    let ports = field.entries(limit: SnapshotLimits.maxServicePorts) { entry -> TrafficPolicy.PortTLS? in
      var advice = policyAdvice
      advice["loadBalancer"] = "is not supported: a rule chooses endpoints for all ports of its service"
      guard let fields = entry.object(["port", "tls"], advice: advice),
        let portField = entry.require("port", in: fields, "port: {number: 443}"),
        let inner = portField.object(["number"]),
        let port = portField.require("number", in: inner, "number: 443")?.port()
      else { return nil }
      if !seen.insert(port).inserted { portField.error("port \(port) is given twice") }
      return .init(port, fields["tls"].flatMap(UpstreamTLSReader.read))
    }
    return ports.sorted { $0.port < $1.port }
  }

  private static func balancing(_ field: Field) -> TrafficPolicy.LoadBalancing? {
    guard let inner = field.object(["simple"], advice: balancingAdvice) else { return nil }
    return field.require("simple", in: inner, "simple: ROUND_ROBIN")?.word(
      Simple.self,
      "way to choose",
      advice: ["PASSTHROUGH": "is not supported; write a ServiceEntry with resolution: NONE"]
    )?.balancing
  }
}
