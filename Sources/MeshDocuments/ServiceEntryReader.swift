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
    "DNS": "is not supported: endpoints are dialled by address; write STATIC with endpoints",
    "DNS_ROUND_ROBIN": "is not supported: endpoints are dialled by address; write STATIC with endpoints",
    "DYNAMIC_DNS": "is not supported: endpoints are dialled by address; write STATIC with endpoints",
  ]

  private enum Location: String, CaseIterable { case external = "MESH_EXTERNAL", inside = "MESH_INTERNAL" }
  private enum Resolution: String, CaseIterable { case none = "NONE", fixed = "STATIC" }

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
    let entries = fields["endpoints"]?.entries(limit: SnapshotLimits.maxPortEndpoints, WorkloadEntryReader.entry)
    let selector = fields["workloadSelector"].flatMap { labels($0) }
    guard let name else { return nil }
    let hosts = hosts(spec.require("hosts", in: fields, "hosts: [\(name.name).\(name.namespace).mesh]"), name)
    if !LabelSyntax.isDNSLabel(name.name) {
      name.field.error("\"\(name.name)\" is not a service's name: lower-case letters, digits and -, at most 63")
    }
    if let resolution { check(resolution, spec, fields, addresses) }
    let service = Service(
      namespace: name.namespace,
      name: name.name,
      addresses: addresses,
      ports: ports.map { port in
        let passed = addresses.map { Endpoint(SocketAddress($0, port: port.service.port)) }
        let given = entries?.map { $0.endpoint(port.port) } ?? []
        var service = port.service
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
    _ addresses: [IPAddress]
  ) {
    switch resolution {
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
