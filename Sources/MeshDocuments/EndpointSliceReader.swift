internal import MeshModel

/// An EndpointSlice as a document gives it.
struct EndpointSlice: Sendable {
  /// The service it belongs to; nil where its label names none.
  let service: DocumentKey?
  let ports: [Port]

  /// The endpoints of one port: each address once, in order.
  struct Port: Sendable {
    let spot: Spot
    let name: String
    let endpoints: [Endpoint]
  }
}

/// Reads a discovery.k8s.io/v1 EndpointSlice (k8s.io/api/discovery/v1 types.go).
enum EndpointSliceReader {
  private static let serviceLabel = "kubernetes.io/service-name"
  /// Kubernetes' own bounds.
  private static let maxEndpoints = 1_000
  private static let maxPorts = 100
  private static let maxAddresses = 100

  private enum AddressType: String, CaseIterable { case v4 = "IPv4", v6 = "IPv6" }

  /// The slice; nil after an error.
  static func read(_ document: Field) -> (ObjectName, EndpointSlice)? {
    let known = ["apiVersion", "kind", "metadata", "addressType", "endpoints", "ports"]
    guard let fields = document.object(known) else { return nil }
    let name = document.require("metadata", in: fields, "metadata: {name: ...}").flatMap { ObjectName.read($0) }
    let type = document.require("addressType", in: fields, "addressType: IPv4")?.word(
      AddressType.self,
      "type of address",
      advice: ["FQDN": "is not supported: endpoints are dialled by address; write IPv4 or IPv6"]
    )
    let hosts = (fields["endpoints"]?.list(limit: maxEndpoints) ?? []).compactMap { host($0, type) }
    let ports = document.require("ports", in: fields, "ports: [{port: 8080}]")?.each(limit: maxPorts, port) ?? []
    guard let name else { return nil }
    let slice = EndpointSlice(
      service: service(name).map { DocumentKey(.service, namespace: name.namespace, name: $0) },
      ports: ports.map { port in
        let endpoints = hosts.map { host in
          Endpoint(SocketAddress(host.address, port: port.number), isReady: host.isReady, zone: host.zone)
        }
        return .init(spot: port.field.spot, name: port.name, endpoints: EndpointMerge.merged([endpoints]))
      }
    )
    return (name, slice)
  }

  private static func service(_ name: ObjectName) -> String? {
    guard let label = name.labels?.anyObject()?.last(where: { $0.name == serviceLabel })?.value else {
      name.field.warning("belongs to no service, for it lacks the label \(serviceLabel); it is left out")
      return nil
    }
    return label.text()
  }

  /// The number of a TCP port and its name; nil for others, and after an error.
  private static func port(_ field: Field) -> (field: Field, name: String, number: UInt16)? {
    guard let fields = field.object(["name", "port", "protocol", "appProtocol"]) else { return nil }
    let name = fields["name"]?.portName() ?? ""
    let transport = fields["protocol"].map { $0.word(Transport.self, "protocol") } ?? .tcp
    let number = field.require("port", in: fields, "port: 8080 or the like")?.port()
    _ = fields["appProtocol"]?.text()
    guard let number, transport == .tcp else { return nil }
    return (field, name, number)
  }

  private static func host(_ field: Field, _ type: AddressType?) -> (address: IPAddress, isReady: Bool, zone: String)? {
    let advice = ["deprecatedTopology": "is not supported; write zone"]
    // Where an endpoint runs, and who should prefer it, are for Kubernetes; the zone is kept.
    let ignored = ["nodeName", "hostname", "targetRef", "hints"]
    guard let fields = field.object(["addresses", "conditions", "zone"] + ignored, advice: advice) else { return nil }
    let addresses = field.require("addresses", in: fields, "addresses: [10.0.0.1]")?.entries(limit: maxAddresses) {
      address($0, type)
    }
    if let list = fields["addresses"], (addresses?.count ?? 0) > 1 {
      list.warning("only the first is used, as in Kubernetes; write an endpoint for each")
    }
    let conditions = fields["conditions"]?.object(["ready", "serving", "terminating"]) ?? [:]
    for name in ["serving", "terminating"] { _ = conditions[name]?.boolean() }
    let zone = fields["zone"]?.text {
      LabelSyntax.isValue($0) ? nil : "is not a zone: up to 63 letters, digits, -, _ and ."
    }
    guard let address = addresses?.first else { return nil }
    // Not said counts as ready, as in Kubernetes.
    let isReady = conditions["ready"].map { $0.boolean() } ?? true
    return (address, isReady ?? false, zone ?? "")
  }

  private static func address(_ field: Field, _ type: AddressType?) -> IPAddress? {
    guard let text = field.text() else { return nil }
    guard let address = IPAddress(text), type == nil || address.isIPv4 == (type == .v4) else {
      field.error("\"\(text)\" is not an \(type?.rawValue ?? "IP") address")
      return nil
    }
    guard !address.isUnspecified, !address.isLinkLocalIPv6 else {
      field.error("\(text) cannot be dialled from elsewhere")
      return nil
    }
    return address
  }
}
