extension TrafficPolicy: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case namespace, name, targets, fault, rateLimits, loadBalancing, tls, portTLS
  }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(
      namespace: try fields.decode(String.self, forKey: .namespace),
      name: try fields.decode(String.self, forKey: .name),
      targets: try fields.list(.targets),
      fault: try fields.decodeIfPresent(Fault.self, forKey: .fault),
      rateLimits: try fields.list(.rateLimits),
      loadBalancing: try fields.decodeIfPresent(LoadBalancing.self, forKey: .loadBalancing),
      tls: try fields.decodeIfPresent(UpstreamTLS.self, forKey: .tls),
      portTLS: try fields.list(.portTLS)
    )
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(namespace, forKey: .namespace)
    try fields.encode(name, forKey: .name)
    try fields.encode(list: targets, .targets)
    try fields.encodeIfPresent(fault, forKey: .fault)
    try fields.encode(list: rateLimits, .rateLimits)
    try fields.encodeIfPresent(loadBalancing, forKey: .loadBalancing)
    try fields.encodeIfPresent(tls, forKey: .tls)
    try fields.encode(list: portTLS, .portTLS)
  }
}

extension TrafficPolicy.LoadBalancing: Codable {}

extension TrafficPolicy.Target: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case service, route, grpcRoute, host }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    guard let key = fields.allKeys.first, fields.allKeys.count == 1 else {
      throw fields.wrong(.service, "a target is either a service, a route or a host")
    }
    let name = try fields.decode(String.self, forKey: key)
    switch key {
    case .service: self = .service(name)
    case .route: self = .route(name)
    case .grpcRoute: self = .grpcRoute(name)
    case .host: self = .host(name)
    }
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .service(let name): try fields.encode(name, forKey: .service)
    case .route(let name): try fields.encode(name, forKey: .route)
    case .grpcRoute(let name): try fields.encode(name, forKey: .grpcRoute)
    case .host(let name): try fields.encode(name, forKey: .host)
    }
  }
}

extension TrafficPolicy.Fault: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case delay_ms, delayPartsPerMillion, abortStatus, abortPartsPerMillion
  }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(
      delay_ms: try fields.decodeIfPresent(UInt32.self, forKey: .delay_ms),
      delayPartsPerMillion: try fields.value(.delayPartsPerMillion, else: 1_000_000),
      abortStatus: try fields.decodeIfPresent(UInt16.self, forKey: .abortStatus),
      abortPartsPerMillion: try fields.value(.abortPartsPerMillion, else: 1_000_000)
    )
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encodeIfPresent(delay_ms, forKey: .delay_ms)
    try fields.encode(delayPartsPerMillion, .delayPartsPerMillion, else: 1_000_000)
    try fields.encodeIfPresent(abortStatus, forKey: .abortStatus)
    try fields.encode(abortPartsPerMillion, .abortPartsPerMillion, else: 1_000_000)
  }
}

extension TrafficPolicy.RateLimit: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case headers, source, isPerClient, requests, period_s }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(
      headers: try fields.list(.headers),
      source: try fields.decodeIfPresent(IPPrefix.self, forKey: .source),
      isPerClient: try fields.value(.isPerClient, else: false),
      requests: try fields.decode(UInt32.self, forKey: .requests),
      period_s: try fields.decode(UInt32.self, forKey: .period_s)
    )
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(list: headers, .headers)
    try fields.encodeIfPresent(source, forKey: .source)
    try fields.encode(isPerClient, .isPerClient, else: false)
    try fields.encode(requests, forKey: .requests)
    try fields.encode(period_s, forKey: .period_s)
  }
}
