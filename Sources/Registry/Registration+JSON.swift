internal import MeshModel

// The form in which registrations travel over the agent's API and are written down. What has its default is left out.

extension Registration: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case namespace, name, instance, ports, addresses, labels, serviceAccount, checks
  }

  /// Reads JSON strictly: an unknown key is an error. What the values mean is for `validate` to check.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    let key = Key(
      namespace: try fields.value(.namespace, else: Workload.defaultNamespace),
      name: try fields.decode(String.self, forKey: .name),
      instance: try fields.value(.instance, else: "")
    )
    self.init(
      key,
      ports: try fields.list(.ports),
      addresses: try fields.list(.addresses),
      labels: try fields.value(.labels, else: [:]),
      serviceAccount: try fields.value(.serviceAccount, else: Self.defaultServiceAccount),
      checks: try fields.list(.checks)
    )
  }

  /// Writes JSON.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(key.namespace, .namespace, else: Workload.defaultNamespace)
    try fields.encode(key.name, forKey: .name)
    try fields.encode(key.instance, .instance, else: "")
    try fields.encode(list: ports, .ports)
    try fields.encode(list: addresses, .addresses)
    try fields.encode(labels, .labels, else: [:])
    try fields.encode(serviceAccount, .serviceAccount, else: Self.defaultServiceAccount)
    try fields.encode(list: checks, .checks)
  }
}

extension Registration.Port: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case name, port, appProtocol }

  /// Reads JSON strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(
      name: try fields.value(.name, else: ""),
      port: try fields.decode(UInt16.self, forKey: .port),
      appProtocol: try fields.value(.appProtocol, else: .unspecified)
    )
  }

  /// Writes JSON.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(name, .name, else: "")
    try fields.encode(port, forKey: .port)
    try fields.encode(appProtocol, .appProtocol, else: .unspecified)
  }
}

extension RegistryRecord: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case registration, owner, passing, isMeshed }

  /// Reads JSON strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    let text = try fields.decode(String.self, forKey: .owner)
    guard let owner = RegistryOwner(text) else { throw fields.wrong(.owner, "\"\(text)\" is no file or user") }
    self.init(
      try fields.decode(Registration.self, forKey: .registration),
      owner: owner,
      passing: Set(try fields.list(.passing) as [String]),
      isMeshed: try fields.value(.isMeshed, else: false)
    )
  }

  /// Writes JSON.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(registration, forKey: .registration)
    try fields.encode(owner.description, forKey: .owner)
    try fields.encode(list: passing.sorted(), .passing)
    try fields.encode(isMeshed, .isMeshed, else: false)
  }
}
