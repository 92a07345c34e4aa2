internal import MeshModel
internal import Registry

/// Reads one service: `name`, `port` or `ports`, and what else it says.
enum RegistrationReader {
  private static let known = [
    "name", "namespace", "instance", "port", "ports", "address", "addresses", "labels", "serviceAccount", "check",
    "checks",
  ]
  private static let advice = Dictionary(
    uniqueKeysWithValues: ["apiVersion", "kind", "metadata", "spec"].map {
      ($0, "is of a Kubernetes document; what runs on this host is registered as name: web, port: 8080, check: tcp")
    }
  )

  /// The registration; nil after an error.
  static func read(_ document: Field) -> Registration? {
    let errors = document.issues.errors
    guard let fields = document.object(known, advice: advice) else { return nil }
    for (one, many) in [("port", "ports"), ("address", "addresses"), ("check", "checks")] where fields[many] != nil {
      fields[one]?.error("is given beside \(many); write one of them")
    }
    let name = document.require("name", in: fields, "name: web")?.text()
    if fields["port"] == nil, fields["ports"] == nil { _ = document.require("port", in: fields, "port: 8080") }
    var ports = fields["ports"].map { $0.entries(limit: RegistryLimit.ports, port) } ?? []
    if let number = fields["port"]?.port() { ports = [.init(port: number)] }
    var addresses = fields["addresses"].map { $0.entries(limit: RegistryLimit.addresses) { $0.address() } } ?? []
    if let address = fields["address"]?.address() { addresses = [address] }
    var checks = fields["checks"].map { $0.entries(limit: RegistryLimit.checks, HealthCheckReader.read) } ?? []
    if let check = fields["check"].flatMap(HealthCheckReader.read) { checks = [check] }
    let labels = fields["labels"].map(LabelSelectorReader.labels) ?? [:]
    let namespace = fields["namespace"].map { $0.text() } ?? Workload.defaultNamespace
    let instance = fields["instance"].map { $0.text() } ?? ""
    let account = fields["serviceAccount"].map { $0.text() } ?? Registration.defaultServiceAccount
    guard let name, let namespace, let instance, let account, let labels, document.issues.errors == errors else {
      return nil
    }
    let registration = Registration(
      .init(namespace: namespace, name: name, instance: instance),
      ports: ports,
      addresses: addresses,
      labels: labels,
      serviceAccount: account,
      checks: checks
    )
    do throws(RegistrationError) {
      try registration.validate()
      return registration
    } catch {
      document.deepest(error.place).error(error.message)
      return nil
    }
  }

  private static func port(_ field: Field) -> Registration.Port? {
    guard let fields = field.object(["name", "port", "appProtocol"]) else { return nil }
    let name = fields["name"].map { $0.text() } ?? ""
    let number = field.require("port", in: fields, "port: 80 or the like")?.port()
    guard let name, let number else { return nil }
    return .init(name: name, port: number, appProtocol: AppProtocolReader.read(fields["appProtocol"], name))
  }
}

extension Field {
  /// An IP address.
  fileprivate func address() -> IPAddress? {
    guard let text = text() else { return nil }
    let address = IPAddress(text)
    if address == nil { error("\"\(text.prefix(64))\" is not an IP address") }
    return address
  }
}
