internal import MeshModel
internal import Yams

/// A service as a document gives it, before its endpoints are known, and the places that later checks name.
struct ServiceDocument: Sendable {
  let service: Service
  /// `namespace/name`.
  let fullName: String
  /// Ports that are left out since they are not TCP; slices may name them.
  let otherPorts: Set<String>
  /// Whether it says that it has no address (`clusterIP: None`), not only none that it names.
  let isHeadless: Bool
  /// Where its addresses stand, or its name where it has none.
  let addressSpot: Spot
}

/// Reads a core/v1 Service (k8s.io/api/core/v1 types.go).
enum ServiceReader {
  /// Fields that tell Kubernetes what to do, or that are about traffic that no proxy of ours sees: endpoints come from
  /// EndpointSlices, and a service is reached by its addresses and names.
  private static let ignored = [
    "selector", "sessionAffinityConfig", "ipFamilies", "ipFamilyPolicy", "externalIPs", "externalTrafficPolicy",
    "healthCheckNodePort", "allocateLoadBalancerNodePorts", "loadBalancerClass", "loadBalancerIP",
    "loadBalancerSourceRanges", "publishNotReadyAddresses",
  ]
  private static let advice = [
    "externalName": "is not supported: a service is what its EndpointSlices say; write an EndpointSlice"
  ]

  /// The service; nil after an error.
  static func read(_ document: Field) -> (ObjectName, ServiceDocument)? {
    guard
      let (name, spec) = document.nameAndSpec(
        wanted: "clusterIP: ..., ports: ...",
        annotations: [Annotations.forwardsClients]
      ),
      let fields = spec.object(
        [
          "clusterIP", "clusterIPs", "ports", "type", "sessionAffinity", "internalTrafficPolicy", "trafficDistribution",
        ] + ignored,
        advice: advice
      )
    else { return nil }
    checkPolicies(fields)
    let addresses = addresses(fields)
    var seen = PortsSeen()
    let ports = fields["ports"].map { list in
      list.each(limit: SnapshotLimits.maxServicePorts) { port($0, &seen, isOneOfMany: (list.count ?? 0) > 1) }
    }
    guard let name else { return nil }
    if !LabelSyntax.isDNSLabel(name.name) {
      name.field.error("\"\(name.name)\" is not a service's name: lower-case letters, digits and -, at most 63")
    }
    let service = Service(
      namespace: name.namespace,
      name: name.name,
      addresses: addresses,
      ports: ports ?? [],
      forwardsClients: name.isAnnotated(Annotations.forwardsClients)
    )
    let document = ServiceDocument(
      service: service,
      fullName: service.fullName,
      otherPorts: seen.others,
      isHeadless: addresses.isEmpty
        && (fields["clusterIP"]?.written == "None"
          || fields["clusterIPs"]?.node.sequence?.first?.scalar?.string == "None"),
      addressSpot: (fields["clusterIPs"] ?? fields["clusterIP"] ?? name.field).spot
    )
    return (name, document)
  }

  private enum ServiceType: String, CaseIterable {
    case clusterIP = "ClusterIP", nodePort = "NodePort", loadBalancer = "LoadBalancer"
  }
  private enum Affinity: String, CaseIterable { case none = "None", clientIP = "ClientIP" }
  private enum Reach: String, CaseIterable { case cluster = "Cluster", local = "Local" }

  private static func checkPolicies(_ fields: [String: Field]) {
    _ = fields["type"]?.word(
      ServiceType.self,
      "type of service",
      advice: ["ExternalName": "is not supported: a service is what its EndpointSlices say; write an EndpointSlice"]
    )
    if fields["sessionAffinity"]?.word(Affinity.self, "affinity") == .clientIP {
      fields["sessionAffinity"]?.warning("is not kept: requests of one client go to several endpoints")
    }
    if fields["internalTrafficPolicy"]?.word(Reach.self, "policy") == .local {
      fields["internalTrafficPolicy"]?.warning("is not kept: requests go to the endpoints of every host")
    }
    if let text = fields["trafficDistribution"]?.text() {
      fields["trafficDistribution"]?.warning("\(text) is not kept: requests go to the endpoints of every zone")
    }
  }

  /// `clusterIPs`, or the one `clusterIP`; none where it is "None" or not given.
  private static func addresses(_ fields: [String: Field]) -> [IPAddress] {
    let first = fields["clusterIP"].flatMap(address)
    guard let list = fields["clusterIPs"] else { return [first].compactMap { $0 ?? nil } }
    let all = list.each(limit: SnapshotLimits.maxServiceAddresses, address)
    if let first, let listed = all.first, first != listed {
      list.error("does not start with clusterIP \(fields["clusterIP"]?.written ?? "")")
    }
    if all.count > 1, all.contains(nil) { list.error("has None beside an address") }
    let addresses = all.compactMap { $0 }
    if Set(addresses).count < addresses.count { list.error("has an address twice") }
    return addresses
  }

  /// The address, or nil within for "None"; nil after an error, and for an empty text, which Kubernetes takes for
  /// absent.
  private static func address(_ field: Field) -> IPAddress?? {
    guard let text = field.text(), !text.isEmpty else { return nil }
    if text == "None" { return .some(nil) }
    guard let address = IPAddress(text), !address.isUnspecified else {
      field.error("\"\(text)\" is neither an IP address nor None")
      return nil
    }
    return .some(address)
  }

  /// Names and numbers of the ports before, to tell the second of one.
  private struct PortsSeen {
    var names: Set<String> = []
    var numbers: Set<UInt16> = []
    var others: Set<String> = []
  }

  private static func port(_ field: Field, _ seen: inout PortsSeen, isOneOfMany: Bool) -> Service.Port? {
    // targetPort and nodePort: where endpoints listen is in the slices, and nobody dials a node through a proxy.
    guard let fields = field.object(["name", "port", "protocol", "appProtocol", "targetPort", "nodePort"]) else {
      return nil
    }
    let name = fields["name"]?.portName() ?? ""
    let transport = fields["protocol"].map { $0.word(Transport.self, "protocol") } ?? .tcp
    let number = field.require("port", in: fields, "port: 80 or the like")?.port()
    guard let number, let transport else { return nil }
    if isOneOfMany, fields["name"] == nil { field.error("name is missing; of several ports each needs one") }
    if !name.isEmpty, !seen.names.insert(name).inserted { fields["name"]?.error("\"\(name)\" is given twice") }
    guard transport == .tcp else {
      seen.others.insert(name)
      fields["protocol"]?.warning("the proxy sees TCP only; \(transport.rawValue) port \(number) is left out")
      return nil
    }
    if !seen.numbers.insert(number).inserted { fields["port"]?.error("port \(number) is given twice") }
    return Service.Port(name: name, port: number, appProtocol: AppProtocolReader.read(fields["appProtocol"], name))
  }
}

extension Field {
  /// A port's name: a DNS label, or empty, which Kubernetes takes for absent.
  func portName() -> String? {
    text {
      $0.isEmpty || LabelSyntax.isDNSLabel($0)
        ? nil : "is not a port's name: lower-case letters, digits and -, at most 63"
    }
  }
}
