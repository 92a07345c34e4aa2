internal import MeshModel

extension Registration {
  /// Fails on the first field that is wrong, and names it.
  public func validate() throws(RegistrationError) {
    try Self.label(key.name, "name")
    try Self.label(key.namespace, "namespace")
    if !key.instance.isEmpty { try Self.label(key.instance, "instance") }
    guard LabelSyntax.isSubdomain(serviceAccount) else {
      throw RegistrationError("serviceAccount", "\"\(serviceAccount)\" is not a DNS subdomain")
    }
    try validatePorts()
    try validateAddresses()
    try Self.bound(labels.count, RegistryLimit.labels, "labels")
    for (label, value) in labels.sorted(by: { $0.key < $1.key }) {
      guard LabelSyntax.isKey(label) else {
        throw RegistrationError(
          "labels",
          "\"\(label)\" is not a label key: [prefix/]name of letters, digits, -, _ and ."
        )
      }
      guard LabelSyntax.isValue(value) else {
        throw RegistrationError(
          "labels.\(label)",
          "\"\(value)\" is not a label value: up to 63 letters, digits, -, _ and ."
        )
      }
    }
    try validateChecks()
  }

  private func validatePorts() throws(RegistrationError) {
    guard !ports.isEmpty else { throw RegistrationError("ports", "is empty; a service has at least one port") }
    try Self.bound(ports.count, RegistryLimit.ports, "ports")
    var names: Set<String> = []
    var numbers: Set<UInt16> = []
    for (index, port) in ports.enumerated() {
      let place = "ports[\(index)]"
      guard port.port > 0 else { throw RegistrationError("\(place).port", "0 is not a port; ports are 1 to 65535") }
      guard numbers.insert(port.port).inserted else {
        throw RegistrationError("\(place).port", "\(port.port) is given twice")
      }
      if port.name.isEmpty {
        guard ports.count == 1 else {
          throw RegistrationError("\(place).name", "is missing; of several ports each needs one")
        }
      } else {
        try Self.label(port.name, "\(place).name")
        guard names.insert(port.name).inserted else {
          throw RegistrationError("\(place).name", "\"\(port.name)\" is given twice")
        }
      }
    }
  }

  private func validateAddresses() throws(RegistrationError) {
    try Self.bound(addresses.count, RegistryLimit.addresses, "addresses")
    for (index, address) in addresses.enumerated() {
      let place = "addresses[\(index)]"
      if addresses[..<index].contains(address) { throw RegistrationError(place, "\(address) is given twice") }
      if let problem = Self.problem(address) { throw RegistrationError(place, "\(address) \(problem)") }
    }
  }

  /// Why others could not dial an address. Loopback is theirs to dial too, each its own.
  private static func problem(_ address: IPAddress) -> String? {
    if address.isUnspecified { return "stands for any address; name one, or leave it out" }
    if address.isLoopback { return "is a loopback address, which other hosts cannot dial" }
    if address.isLinkLocalIPv6 { return "is a link-local address, which cannot be dialled without an interface" }
    if address.isIPv4 ? address.v4 >> 28 == 0xe : address.high >> 56 == 0xff { return "is a multicast address" }
    if VirtualAddresses.v4Block?.contains(address) == true {
      return "is a virtual address, behind which nobody listens"
    }
    return nil
  }

  private func validateChecks() throws(RegistrationError) {
    try Self.bound(checks.count, RegistryLimit.checks, "checks")
    var names: Set<String> = []
    for (index, check) in checks.enumerated() {
      let place = "checks[\(index)]"
      guard names.insert(check.name).inserted else {
        let isNamed = !check.name.isEmpty
        throw RegistrationError(
          "\(place).name",
          isNamed ? "\"\(check.name)\" is given twice" : "is missing; of several checks each needs one"
        )
      }
      try check.validate(place)
      if let port = check.port, !ports.contains(where: { $0.port == port }) {
        throw RegistrationError("\(place).port", "\(port) is not one of the service's ports")
      }
    }
  }

  private static func label(_ text: String, _ place: String) throws(RegistrationError) {
    guard !LabelSyntax.isDNSLabel(text) else { return }
    let shown = text.prefix(LabelSyntax.maxPartBytes + 1)
    throw RegistrationError(place, "\"\(shown)\" is not a DNS label: up to 63 lower-case letters, digits and -")
  }

  private static func bound(_ count: Int, _ limit: Int, _ place: String) throws(RegistrationError) {
    guard count <= limit else { throw RegistrationError(place, "\(count) entries are more than the \(limit) allowed") }
  }
}
