extension HTTPRoute: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case kind, namespace, name, created_s, parents, hostnames, rules }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(
      try fields.value(.kind, else: .http),
      namespace: try fields.decode(String.self, forKey: .namespace),
      name: try fields.decode(String.self, forKey: .name),
      created_s: try fields.decodeIfPresent(Int64.self, forKey: .created_s),
      parents: try fields.list(.parents),
      hostnames: try fields.list(.hostnames),
      rules: try fields.list(.rules)
    )
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(kind, .kind, else: .http)
    try fields.encode(namespace, forKey: .namespace)
    try fields.encode(name, forKey: .name)
    try fields.encodeIfPresent(created_s, forKey: .created_s)
    try fields.encode(list: parents, .parents)
    try fields.encode(list: hostnames, .hostnames)
    try fields.encode(list: rules, .rules)
  }
}

extension HTTPRoute.Kind: Codable {}

extension HTTPRoute.Parent: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case namespace, service, port }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(
      namespace: try fields.decode(String.self, forKey: .namespace),
      service: try fields.decode(String.self, forKey: .service),
      port: try fields.decodeIfPresent(UInt16.self, forKey: .port)
    )
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(namespace, forKey: .namespace)
    try fields.encode(service, forKey: .service)
    try fields.encodeIfPresent(port, forKey: .port)
  }
}

extension HTTPRoute.Rule: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case name, matches, filters, backends, requestTimeout_ms, backendTimeout_ms, retry
  }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(
      name: try fields.value(.name, else: ""),
      matches: try fields.list(.matches),
      filters: try fields.list(.filters),
      backends: try fields.list(.backends),
      requestTimeout_ms: try fields.decodeIfPresent(UInt32.self, forKey: .requestTimeout_ms),
      backendTimeout_ms: try fields.decodeIfPresent(UInt32.self, forKey: .backendTimeout_ms),
      retry: try fields.decodeIfPresent(HTTPRoute.Retry.self, forKey: .retry)
    )
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(name, .name, else: "")
    try fields.encode(list: matches, .matches)
    try fields.encode(list: filters, .filters)
    try fields.encode(list: backends, .backends)
    try fields.encodeIfPresent(requestTimeout_ms, forKey: .requestTimeout_ms)
    try fields.encodeIfPresent(backendTimeout_ms, forKey: .backendTimeout_ms)
    try fields.encodeIfPresent(retry, forKey: .retry)
  }
}

extension HTTPRoute.Retry: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case codes, grpcCodes, attempts, backoff_ms }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(
      codes: try fields.list(.codes),
      grpcCodes: try fields.list(.grpcCodes),
      attempts: try fields.decode(UInt8.self, forKey: .attempts),
      backoff_ms: try fields.decode(UInt32.self, forKey: .backoff_ms)
    )
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(list: codes, .codes)
    try fields.encode(list: grpcCodes, .grpcCodes)
    try fields.encode(attempts, forKey: .attempts)
    try fields.encode(backoff_ms, forKey: .backoff_ms)
  }
}

extension HTTPRoute.Backend: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case namespace, service, port, weight, filters }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(
      namespace: try fields.decode(String.self, forKey: .namespace),
      service: try fields.decode(String.self, forKey: .service),
      port: try fields.decode(UInt16.self, forKey: .port),
      weight: try fields.value(.weight, else: 1),
      filters: try fields.list(.filters)
    )
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(namespace, forKey: .namespace)
    try fields.encode(service, forKey: .service)
    try fields.encode(port, forKey: .port)
    try fields.encode(weight, .weight, else: 1)
    try fields.encode(list: filters, .filters)
  }
}
