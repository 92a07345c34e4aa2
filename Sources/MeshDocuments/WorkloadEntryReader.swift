internal import MeshModel

/// Someone who serves, as a WorkloadEntry or an entry of a ServiceEntry's `endpoints` gives it.
struct WorkloadEntry: Sendable {
  let address: IPAddress
  /// Numbers of its ports by the names of the service's.
  let ports: [String: UInt16]
  let labels: [String: String]
  let zone: String

  /// Its endpoint on a port of a service, which it has at the service's target port where it does not say otherwise.
  func endpoint(_ port: ServiceEntryDocument.Port) -> Endpoint {
    Endpoint(SocketAddress(address, port: ports[port.name] ?? port.target), zone: zone)
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
    return (name, WorkloadEntry(address: entry.address, ports: entry.ports, labels: merged, zone: entry.zone))
  }

  /// An entry of `endpoints`, or the spec of a document; nil after an error.
  static func entry(_ field: Field) -> WorkloadEntry? {
    let known = ["address", "ports", "labels", "locality", "serviceAccount"]
    guard let fields = field.object(known, advice: advice) else { return nil }
    if fields["serviceAccount"]?.text() != nil {
      fields["serviceAccount"]?.warning("is not held against the peer's identity yet")
    }
    let labels = fields["labels"].map(LabelSelectorReader.labels) ?? [:]
    let ports =
      fields["ports"]?.anyObject()?.prefix(SnapshotLimits.maxServicePorts).map { ($0.name, $0.value.port()) } ?? []
    guard let address = field.require("address", in: fields, "address: 10.0.0.1").flatMap(address), let labels else {
      return nil
    }
    return WorkloadEntry(
      address: address,
      ports: Dictionary(ports.compactMap { name, port in port.map { (name, $0) } }, uniquingKeysWith: { $1 }),
      labels: labels,
      zone: fields["locality"].flatMap(zone) ?? ""
    )
  }

  private static func address(_ field: Field) -> IPAddress? {
    guard let text = field.text() else { return nil }
    guard let address = IPAddress(text) else {
      field.error("\"\(text.prefix(100))\" is not an IP address; names and unix:// sockets are not supported")
      return nil
    }
    guard !address.isUnspecified, !address.isLinkLocalIPv6 else {
      field.error("\(text) cannot be dialled from elsewhere")
      return nil
    }
    return address
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
