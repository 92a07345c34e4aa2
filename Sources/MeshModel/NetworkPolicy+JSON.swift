// The JSON of policies in a snapshot: Kubernetes' words where the meaning is Kubernetes', one fixed shape else.

extension NetworkPolicy: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case namespace, name, podSelector, policyTypes, ingress, egress
  }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    namespace = try fields.decode(String.self, forKey: .namespace)
    name = try fields.decode(String.self, forKey: .name)
    podSelector = try fields.decode(LabelSelector.self, forKey: .podSelector)
    let types = try fields.decode([String].self, forKey: .policyTypes)
    ingress = try fields.decodeIfPresent([Rule].self, forKey: .ingress)
    egress = try fields.decodeIfPresent([Rule].self, forKey: .egress)
    // Said twice, since a file where Kubernetes' default would differ from ours must not be misread.
    guard types == policyTypes else {
      throw DecodingError.dataCorruptedError(
        forKey: .policyTypes,
        in: fields,
        debugDescription: "\(types) does not agree with the rules, which say \(policyTypes)"
      )
    }
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(namespace, forKey: .namespace)
    try fields.encode(name, forKey: .name)
    try fields.encode(podSelector, forKey: .podSelector)
    try fields.encode(policyTypes, forKey: .policyTypes)
    try fields.encodeIfPresent(ingress, forKey: .ingress)
    try fields.encodeIfPresent(egress, forKey: .egress)
  }

  /// The directions the policy restricts, as Kubernetes lists them.
  public var policyTypes: [String] {
    Direction.allCases.filter { rules($0) != nil }.map(\.policyType)
  }
}

extension NetworkPolicy.Rule: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case ipBlocks, ports }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(
      ipBlocks: try fields.decode([IPBlock].self, forKey: .ipBlocks),
      ports: try fields.decode([PortMatch].self, forKey: .ports)
    )
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(ipBlocks, forKey: .ipBlocks)
    try fields.encode(ports, forKey: .ports)
  }
}

extension IPBlock: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case cidr, except }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    let cidr = try fields.decode(IPPrefix.self, forKey: .cidr)
    let except = try fields.decodeIfPresent([IPPrefix].self, forKey: .except) ?? []
    guard let block = IPBlock(cidr, except: except) else {
      throw DecodingError.dataCorruptedError(
        forKey: .except,
        in: fields,
        debugDescription: "holds a block that does not lie in \(cidr)"
      )
    }
    self = block
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(cidr, forKey: .cidr)
    if !except.isEmpty { try fields.encode(except, forKey: .except) }
  }
}

extension PortMatch: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case `protocol`, port, endPort }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    let transport = try fields.decode(Transport.self, forKey: .protocol)
    let first = try fields.decodeIfPresent(UInt16.self, forKey: .port)
    let last = try fields.decodeIfPresent(UInt16.self, forKey: .endPort)
    guard let first else {
      guard last == nil else {
        throw DecodingError.dataCorruptedError(
          forKey: .endPort,
          in: fields,
          debugDescription: "needs a port to start from"
        )
      }
      self.init(transport)
      return
    }
    guard first <= last ?? first else {
      throw DecodingError.dataCorruptedError(forKey: .endPort, in: fields, debugDescription: "is less than port")
    }
    self.init(transport, first...(last ?? first))
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(transport, forKey: .protocol)
    try fields.encodeIfPresent(ports?.lowerBound, forKey: .port)
    if let ports, ports.count > 1 { try fields.encode(ports.upperBound, forKey: .endPort) }
  }
}

extension LabelSelector: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case matchLabels, matchExpressions }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(
      matchLabels: try fields.decode([String: String].self, forKey: .matchLabels),
      matchExpressions: try fields.decode([Requirement].self, forKey: .matchExpressions)
    )
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(matchLabels, forKey: .matchLabels)
    try fields.encode(matchExpressions, forKey: .matchExpressions)
  }
}

extension LabelSelector.Requirement: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case key, `operator`, values }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    let name = try fields.decode(String.self, forKey: .operator)
    let values = try fields.decodeIfPresent([String].self, forKey: .values) ?? []
    guard let requirement = Self(key: try fields.decode(String.self, forKey: .key), operatorName: name, values: values)
    else {
      throw DecodingError.dataCorruptedError(
        forKey: .operator,
        in: fields,
        debugDescription: "\"\(name)\" with \(values.count) values is no requirement"
      )
    }
    self = requirement
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(key, forKey: .key)
    try fields.encode(operatorName, forKey: .operator)
    if !values.isEmpty { try fields.encode(values, forKey: .values) }
  }
}
