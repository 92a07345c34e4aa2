extension RequestAuthentication: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case namespace, name, selector, rules }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(
      namespace: try fields.decode(String.self, forKey: .namespace),
      name: try fields.decode(String.self, forKey: .name),
      selector: try fields.value(.selector, else: LabelSelector()),
      rules: try fields.list(.rules)
    )
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(namespace, forKey: .namespace)
    try fields.encode(name, forKey: .name)
    try fields.encode(selector, .selector)
    try fields.encode(list: rules, .rules)
  }
}

extension RequestAuthentication.Rule: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case issuer, audiences, keys, fromHeaders, fromParameters, forwardsToken, payloadHeader, claimHeaders
  }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(
      issuer: try fields.decode(String.self, forKey: .issuer),
      audiences: try fields.list(.audiences),
      keys: try fields.list(.keys),
      fromHeaders: try fields.list(.fromHeaders),
      fromParameters: try fields.list(.fromParameters),
      forwardsToken: try fields.value(.forwardsToken, else: false),
      payloadHeader: try fields.value(.payloadHeader, else: ""),
      claimHeaders: try fields.list(.claimHeaders)
    )
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(issuer, forKey: .issuer)
    try fields.encode(list: audiences, .audiences)
    try fields.encode(list: keys, .keys)
    try fields.encode(list: fromHeaders, .fromHeaders)
    try fields.encode(list: fromParameters, .fromParameters)
    try fields.encode(forwardsToken, .forwardsToken, else: false)
    try fields.encode(payloadHeader, .payloadHeader, else: "")
    try fields.encode(list: claimHeaders, .claimHeaders)
  }
}

extension RequestAuthentication.HeaderLocation: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case name, prefix }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(name: try fields.decode(String.self, forKey: .name), prefix: try fields.value(.prefix, else: ""))
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(name, forKey: .name)
    try fields.encode(prefix, .prefix, else: "")
  }
}

extension RequestAuthentication.ClaimHeader: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case header, claim }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(
      header: try fields.decode(String.self, forKey: .header),
      claim: try fields.decode([String].self, forKey: .claim)
    )
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(header, forKey: .header)
    try fields.encode(claim, forKey: .claim)
  }
}

/// A key is written as RFC 7517 and RFC 7518 do: `kty`, then `n` and `e`, or `crv`, `x` and `y`.
extension JSONWebKey: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case kid, kty, n, e, crv, x, y }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    func bytes(_ key: CodingKeys) throws -> [UInt8] {
      guard let bytes = Base64URL.decode(try fields.decode(String.self, forKey: key).utf8) else {
        throw fields.wrong(key, "is not base64url without padding")
      }
      return bytes
    }
    let id: String = try fields.value(.kid, else: "")
    let kind = try fields.decode(String.self, forKey: .kty)
    switch kind {
    case "RSA":
      self.init(id: id, .rsa(modulus: try bytes(.n), exponent: try bytes(.e)))
    case "EC":
      let curve = try fields.decode(String.self, forKey: .crv)
      guard curve == "P-256" else { throw fields.wrong(.crv, "\"\(curve)\" is not P-256") }
      self.init(id: id, .p256(x: try bytes(.x), y: try bytes(.y)))
    default:
      throw fields.wrong(.kty, "\"\(kind)\" is neither RSA nor EC")
    }
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(id, .kid, else: "")
    switch material {
    case .rsa(let modulus, let exponent):
      try fields.encode("RSA", forKey: .kty)
      try fields.encode(Base64URL.encode(modulus), forKey: .n)
      try fields.encode(Base64URL.encode(exponent), forKey: .e)
    case .p256(let x, let y):
      try fields.encode("EC", forKey: .kty)
      try fields.encode("P-256", forKey: .crv)
      try fields.encode(Base64URL.encode(x), forKey: .x)
      try fields.encode(Base64URL.encode(y), forKey: .y)
    }
  }
}
