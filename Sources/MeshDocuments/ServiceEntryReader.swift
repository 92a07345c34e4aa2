internal import MeshModel

/// A ServiceEntry as a document gives it: a service whose endpoints stand in it, or are those of WorkloadEntries.
struct ServiceEntryDocument: Sendable {
  let service: ServiceDocument
  let ports: [Port]
  /// Labels of the WorkloadEntries of its namespace that serve it; nil where it has none of these.
  let selector: [String: String]?

  struct Port: Sendable {
    let name: String
    /// Where an endpoint listens that does not say otherwise.
    let target: UInt16
  }
}

/// Reads Istio's ServiceEntry (istio.io/api networking/v1alpha3 service_entry.proto). The service is called as the
/// document; of `hosts` the mesh's names only say so again, and others are those that TLS clients ask for.
enum ServiceEntryReader {
  private static let advice = [
    "exportTo": "is not supported: a service is for all namespaces; leave it out",
    "subjectAltNames": "is not supported",
  ]
  private static let resolutions = [
    "DYNAMIC_DNS": "is not supported: names are known before they are asked for; write DNS with endpoints"
  ]

  private enum Location: String, CaseIterable { case external = "MESH_EXTERNAL", inside = "MESH_INTERNAL" }
  private enum Resolution: String, CaseIterable {
    case none = "NONE", fixed = "STATIC", named = "DNS", namedOne = "DNS_ROUND_ROBIN"

    /// Whether endpoints may be given by name.
    var asksNames: Bool { self == .named || self == .namedOne }
  }

  /// The entry; nil after an error.
  static func read(_ document: Field) -> (ObjectName, ServiceEntryDocument)? {
    let known = ["hosts", "addresses", "ports", "location", "resolution", "endpoints", "workloadSelector"]
    guard let (name, spec) = document.nameAndSpec(wanted: "hosts: ..., ports: ..., resolution: STATIC, endpoints: ..."),
      let fields = spec.object(known, advice: advice)
    else { return nil }
    // Whether an endpoint belongs to the mesh is not for a document to say, so neither says anything that is done.
    _ = fields["location"]?.word(Location.self, "location")
    let resolution = spec.require("resolution", in: fields, "resolution: STATIC")?
      .word(Resolution.self, "resolution here", advice: resolutions)
    let addresses = fields["addresses"]?.each(limit: SnapshotLimits.maxServiceAddresses, address) ?? []
    var seen: Set<UInt16> = []
    let ports =
      spec.require("ports", in: fields, "ports: [{number: 80, name: http, protocol: HTTP}]")?
      .entries(limit: SnapshotLimits.maxServicePorts) { port($0, &seen) } ?? []
    let mayBeNamed = resolution?.asksNames == true
    let limit = mayBeNamed ? SnapshotLimits.maxPortNames : SnapshotLimits.maxPortEndpoints
    let entries = fields["endpoints"]?.entries(limit: limit) { WorkloadEntryReader.entry($0, mayBeNamed: mayBeNamed) }
    let selector = fields["workloadSelector"].flatMap { labels($0) }
    guard let name else { return nil }
    let hosts = hosts(spec.require("hosts", in: fields, "hosts: [\(name.name).\(name.namespace).mesh]"), name)
    if !LabelSyntax.isDNSLabel(name.name) {
      name.field.error("\"\(name.name)\" is not a service's name: lower-case letters, digits and -, at most 63")
    }
    if let resolution { check(resolution, spec, fields, addresses, hosts) }
    // Without endpoints, a host that is asked for is who serves it.
    let own = mayBeNamed && fields["endpoints"] == nil ? hosts.first : nil
    let service = Service(
      namespace: name.namespace,
      name: name.name,
      addresses: addresses,
      ports: ports.map { port in
        let passed = addresses.map { Endpoint(SocketAddress($0, port: port.service.port)) }
        let given = entries?.compactMap { $0.endpoint(port.port) } ?? []
        let takesOne = resolution == .namedOne
        var service = port.service
        service.named = entries?.compactMap { $0.named(port.port, takesOne: takesOne) } ?? []
        if let own { service.named = [NamedEndpoint(own, port: port.port.target, takesOne: takesOne)] }
        service.endpoints = EndpointMerge.merged([resolution == Resolution.none ? passed : given])
        return service
      },
      hosts: hosts
    )
    let entry = ServiceEntryDocument(
      service: ServiceDocument(
        service: service,
        fullName: service.fullName,
        otherPorts: [],
        isHeadless: false,
        addressSpot: (fields["addresses"] ?? name.field).spot
      ),
      ports: ports.map(\.port),
      selector: selector
    )
    return (name, entry)
  }

  /// The names that are none of the mesh's, each once.
  private static func hosts(_ field: Field?, _ name: ObjectName) -> [String] {
    var hosts: [String] = []
    for host in field?.entries(limit: SnapshotLimits.maxServiceHosts, { $0 }) ?? [] {
      guard let text = host.text()?.lowercased() else { continue }
      let own = "\(name.name).\(name.namespace).mesh"
      guard let service = MeshHost(text, in: name.namespace) else {
        if let problem = HTTPSyntax.hostnameProblem(text, mayBeWild: true) {
          host.error("\"\(text.prefix(100))\" \(problem)")
          continue
        }
        host.warning("is a name that the mesh does not answer; programs reach this as \(own), or by its addresses")
        if !hosts.contains(text) { hosts.append(text) }
        continue
      }
      if service.name != name.name || service.namespace != name.namespace {
        host.error("is another service's name; this one is called as its document, \(own)")
      }
    }
    return hosts
  }

  private static func check(
    _ resolution: Resolution,
    _ spec: Field,
    _ fields: [String: Field],
    _ addresses: [IPAddress],
    _ hosts: [String]
  ) {
    switch resolution {
    case .named, .namedOne: checkNamed(resolution, spec, fields, hosts)
    case .fixed:
      if fields["endpoints"] != nil {
        fields["workloadSelector"]?.error("does not go with endpoints; leave one out")
      } else if fields["workloadSelector"] == nil {
        _ = spec.require("endpoints", in: fields, "endpoints: [{address: 10.0.0.1}]")
      }
    case .none:
      for name in ["endpoints", "workloadSelector"] {
        fields[name]?.error("does not go with resolution NONE; write resolution: STATIC")
      }
      if addresses.count != 1 {
        let field = fields["addresses"] ?? spec
        field.error("with resolution NONE needs one address, which connections to it go on to; write addresses: [...]")
      }
    }
  }

  private static func checkNamed(
    _ resolution: Resolution,
    _ spec: Field,
    _ fields: [String: Field],
    _ hosts: [String]
  ) {
    let word = resolution.rawValue
    fields["workloadSelector"]?.error("does not go with resolution \(word); write STATIC")
    if let endpoints = fields["endpoints"] {
      // Istio refuses it as well: which of several would the one address be of?
      if resolution == .namedOne, endpoints.count ?? 0 > 1 {
        endpoints.error("with resolution DNS_ROUND_ROBIN has one entry at most; write DNS")
      }
      return
    }
    let field = fields["hosts"] ?? spec
    guard hosts.count == 1, let host = hosts.first else {
      // Each of them has addresses of its own, and what is for one must not go to another's.
      field.error("with resolution \(word) and no endpoints needs one name outside the mesh; write endpoints: [...]")
      return
    }
    if host.hasPrefix("*") {
      field.error("\"\(host)\" is no name that can be asked for; write endpoints: [{address: db.example.com}]")
    }
  }

  private static func address(_ field: Field) -> IPAddress? {
    guard let text = field.text() else { return nil }
    guard let address = IPAddress(text), !address.isUnspecified else {
      field.error("\"\(text.prefix(100))\" is not an IP address; blocks of several are not supported")
      return nil
    }
    return address
  }

  private static func port(
    _ field: Field,
    _ seen: inout Set<UInt16>
  ) -> (service: Service.Port, port: ServiceEntryDocument.Port)? {
    guard let fields = field.object(["number", "protocol", "name", "targetPort"]) else { return nil }
    let name = field.require("name", in: fields, "name: http")?.portName()
    let number = field.require("number", in: fields, "number: 80")?.port()
    let target = fields["targetPort"].map { $0.port() } ?? number
    guard let name, let number, let target else { return nil }
    if !seen.insert(number).inserted { fields["number"]?.error("port \(number) is given twice") }
    return (
      Service.Port(name: name, port: number, appProtocol: AppProtocolReader.read(fields["protocol"], name)),
      .init(name: name, target: target)
    )
  }

  private static func labels(_ field: Field) -> [String: String]? {
    guard let fields = field.object(["labels"]),
      let labels = field.require("labels", in: fields, "labels: {app: ...}").flatMap(LabelSelectorReader.labels)
    else { return nil }
    if labels.isEmpty { field.error("selects everything; name a label") }
    return labels
  }
}
