internal import MeshModel

/// Someone who serves, as a WorkloadEntry or an entry of a ServiceEntry's `endpoints` gives it.
struct WorkloadEntry: Sendable {
  let place: Place
  /// Numbers of its ports by the names of the service's.
  let ports: [String: UInt16]
  let labels: [String: String]
  let zone: String

  /// Where it is.
  enum Place: Sendable {
    case address(IPAddress)
    /// The name of a host outside the mesh, lower case.
    case host(String)
  }

  /// Its endpoint on a port of a service, which it has at the service's target port where it does not say otherwise; nil
  /// where it is given by name.
  func endpoint(_ port: ServiceEntryDocument.Port) -> Endpoint? {
    guard case .address(let address) = place else { return nil }
    return Endpoint(SocketAddress(address, port: ports[port.name] ?? port.target), zone: zone)
  }

  /// The same where it is given by name.
  func named(_ port: ServiceEntryDocument.Port, takesOne: Bool) -> NamedEndpoint? {
    guard case .host(let host) = place else { return nil }
    return NamedEndpoint(host, port: ports[port.name] ?? port.target, zone: zone, takesOne: takesOne)
  }
}

/// Reads Istio's WorkloadEntry (istio.io/api networking/v1alpha3 workload_entry.proto).
enum WorkloadEntryReader {
  private static let advice = [
    "network": "is not supported: endpoints are dialled by their addresses; leave it out",
    "weight": "is not supported: endpoints are chosen by latency and load; leave it out",
  ]

  /// The entry, with the labels of its metadata where its own do not say otherwise; nil after an error.
  static func read(_ document: Field) -> (ObjectName, WorkloadEntry)? {
    guard let (name, spec) = document.nameAndSpec(wanted: "address: 10.0.0.1, labels: ..."),
      let entry = entry(spec), let name
    else { return nil }
    let labels = name.labels.map(LabelSelectorReader.labels) ?? [:]
    let merged = (labels ?? [:]).merging(entry.labels) { _, own in own }
    return (name, WorkloadEntry(place: entry.place, ports: entry.ports, labels: merged, zone: entry.zone))
  }

  /// An entry of `endpoints`, or the spec of a document; nil after an error.
  /// Only where names are asked for (`resolution: DNS`) may it be at one.
  static func entry(_ field: Field, mayBeNamed: Bool = false) -> WorkloadEntry? {
    let known = ["address", "ports", "labels", "locality", "serviceAccount"]
    guard let fields = field.object(known, advice: advice) else { return nil }
    if fields["serviceAccount"]?.text() != nil {
      fields["serviceAccount"]?.warning("is not held against the peer's identity yet")
    }
    let labels = fields["labels"].map(LabelSelectorReader.labels) ?? [:]
    let ports =
      fields["ports"]?.anyObject()?.prefix(SnapshotLimits.maxServicePorts).map { ($0.name, $0.value.port()) } ?? []
    let wanted = mayBeNamed ? "address: db.example.com" : "address: 10.0.0.1"
    guard let place = field.require("address", in: fields, wanted).flatMap({ place($0, mayBeNamed: mayBeNamed) }),
      let labels
    else { return nil }
    return WorkloadEntry(
      place: place,
      ports: Dictionary(ports.compactMap { name, port in port.map { (name, $0) } }, uniquingKeysWith: { $1 }),
      labels: labels,
      zone: fields["locality"].flatMap(zone) ?? ""
    )
  }

  private static func place(_ field: Field, mayBeNamed: Bool) -> WorkloadEntry.Place? {
    guard let text = field.text() else { return nil }
    guard let address = IPAddress(text) else {
      if mayBeNamed { return host(field, text) }
      field.error(
        "\"\(text.prefix(100))\" is not an IP address; names need a ServiceEntry with resolution: DNS and endpoints, "
          + "and unix:// sockets are not supported"
      )
      return nil
    }
    guard !address.isUnspecified, !address.isLinkLocalIPv6 else {
      field.error("\(text) cannot be dialled from elsewhere")
      return nil
    }
    return .address(address)
  }

  private static func host(_ field: Field, _ text: String) -> WorkloadEntry.Place? {
    let host = text.lowercased()
    if let problem = HTTPSyntax.hostnameProblem(host) {
      field.error("\"\(text.prefix(100))\" \(problem)")
      return nil
    }
    // The resolvers do not know them, and the agent, who does, answers with virtual addresses.
    guard !host.hasSuffix(".mesh") else {
      field.error("is a name of the mesh, which is no host's: write the service's own endpoints, or a route to it")
      return nil
    }
    return .host(host)
  }

  /// The zone of `region/zone/subzone`.
  private static func zone(_ field: Field) -> String? {
    guard let text = field.text() else { return nil }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let zone = parts.count > 1 ? String(parts[1]) : ""
    guard parts.count <= 3, LabelSyntax.isValue(zone) else {
      field.error("\"\(text.prefix(100))\" is not region/zone/subzone")
      return nil
    }
    return zone
  }
}
