extension AuthorizationPolicy: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case namespace, name, selector, action, isDryRun, rules }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(
      namespace: try fields.decode(String.self, forKey: .namespace),
      name: try fields.decode(String.self, forKey: .name),
      selector: try fields.value(.selector, else: LabelSelector()),
      action: try fields.decode(Action.self, forKey: .action),
      isDryRun: try fields.value(.isDryRun, else: false),
      rules: try fields.list(.rules)
    )
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(namespace, forKey: .namespace)
    try fields.encode(name, forKey: .name)
    try fields.encode(selector, .selector)
    // Never left out: whether a policy allows or denies is not for a default to say.
    try fields.encode(action, forKey: .action)
    try fields.encode(isDryRun, .isDryRun, else: false)
    try fields.encode(list: rules, .rules)
  }
}

extension AuthorizationPolicy.Action: Codable {}

extension AuthorizationPolicy.Rule: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case from, to, when }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(from: try fields.list(.from), to: try fields.list(.to), when: try fields.list(.when))
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(list: from, .from)
    try fields.encode(list: to, .to)
    try fields.encode(list: when, .when)
  }
}

extension AuthorizationPolicy.Source: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case principals, notPrincipals, requestPrincipals, notRequestPrincipals, namespaces, notNamespaces
    case ipBlocks, notIPBlocks = "notIpBlocks", remoteIPBlocks = "remoteIpBlocks"
    case notRemoteIPBlocks = "notRemoteIpBlocks"
  }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init()
    principals = try fields.list(.principals)
    notPrincipals = try fields.list(.notPrincipals)
    requestPrincipals = try fields.list(.requestPrincipals)
    notRequestPrincipals = try fields.list(.notRequestPrincipals)
    namespaces = try fields.list(.namespaces)
    notNamespaces = try fields.list(.notNamespaces)
    ipBlocks = try fields.list(.ipBlocks)
    notIPBlocks = try fields.list(.notIPBlocks)
    remoteIPBlocks = try fields.list(.remoteIPBlocks)
    notRemoteIPBlocks = try fields.list(.notRemoteIPBlocks)
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(list: principals, .principals)
    try fields.encode(list: notPrincipals, .notPrincipals)
    try fields.encode(list: requestPrincipals, .requestPrincipals)
    try fields.encode(list: notRequestPrincipals, .notRequestPrincipals)
    try fields.encode(list: namespaces, .namespaces)
    try fields.encode(list: notNamespaces, .notNamespaces)
    try fields.encode(list: ipBlocks, .ipBlocks)
    try fields.encode(list: notIPBlocks, .notIPBlocks)
    try fields.encode(list: remoteIPBlocks, .remoteIPBlocks)
    try fields.encode(list: notRemoteIPBlocks, .notRemoteIPBlocks)
  }
}

extension AuthorizationPolicy.Operation: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case hosts, notHosts, ports, notPorts, methods, notMethods, paths, notPaths
  }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init()
    hosts = try fields.list(.hosts)
    notHosts = try fields.list(.notHosts)
    ports = try fields.list(.ports)
    notPorts = try fields.list(.notPorts)
    methods = try fields.list(.methods)
    notMethods = try fields.list(.notMethods)
    paths = try fields.list(.paths)
    notPaths = try fields.list(.notPaths)
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(list: hosts, .hosts)
    try fields.encode(list: notHosts, .notHosts)
    try fields.encode(list: ports, .ports)
    try fields.encode(list: notPorts, .notPorts)
    try fields.encode(list: methods, .methods)
    try fields.encode(list: notMethods, .notMethods)
    try fields.encode(list: paths, .paths)
    try fields.encode(list: notPaths, .notPaths)
  }
}

extension AuthorizationPolicy.Condition: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case key, values, notValues }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(
      try fields.decode(AuthorizationPolicy.Key.self, forKey: .key),
      values: try fields.list(.values),
      notValues: try fields.list(.notValues)
    )
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(key, forKey: .key)
    try fields.encode(list: values, .values)
    try fields.encode(list: notValues, .notValues)
  }
}
