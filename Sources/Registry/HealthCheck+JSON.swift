internal import MeshModel

/// A check is an object with its times and one key that says what is done: `tcp`, `http`, `grpc`, `script` or `ttl_ms`.
extension HealthCheck: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case name, tcp, http, grpc, script, ttl_ms, interval_ms, timeout_ms, passes, failures, startsPassing
  }

  /// Reads JSON strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    let kinds = fields.allKeys.filter { [.tcp, .http, .grpc, .script, .ttl_ms].contains($0) }
    guard let key = kinds.first, kinds.count == 1 else {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath,
          debugDescription: "is not a check: an object with one of tcp, http, grpc, script and ttl_ms"
        )
      )
    }
    let kind: Kind
    switch key {
    case .http: kind = .http(try fields.decode(HTTP.self, forKey: key))
    case .grpc:
      let remote = try fields.decode(Remote.self, forKey: key)
      kind = .grpc(port: remote.port, service: remote.service)
    case .script: kind = .script(try fields.decode([String].self, forKey: key))
    case .ttl_ms: kind = .ttl(try fields.decode(UInt32.self, forKey: key))
    default: kind = .tcp(port: try fields.decode(Remote.self, forKey: key).port)
    }
    self.init(
      name: try fields.value(.name, else: ""),
      kind,
      interval_ms: try fields.value(.interval_ms, else: CheckTiming.interval_ms),
      timeout_ms: try fields.decodeIfPresent(UInt32.self, forKey: .timeout_ms),
      passes: try fields.value(.passes, else: CheckTiming.passes),
      failures: try fields.value(.failures, else: CheckTiming.failures),
      startsPassing: try fields.value(.startsPassing, else: false)
    )
  }

  /// Writes JSON.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(name, .name, else: "")
    switch kind {
    case .tcp(let port): try fields.encode(Remote(port: port, service: ""), forKey: .tcp)
    case .http(let http): try fields.encode(http, forKey: .http)
    case .grpc(let port, let service): try fields.encode(Remote(port: port, service: service), forKey: .grpc)
    case .script(let words): try fields.encode(words, forKey: .script)
    case .ttl(let ttl_ms): try fields.encode(ttl_ms, forKey: .ttl_ms)
    }
    try fields.encode(interval_ms, .interval_ms, else: CheckTiming.interval_ms)
    try fields.encode(timeout_ms, .timeout_ms, else: min(Self.defaultTimeout_ms(kind), interval_ms))
    try fields.encode(passes, .passes, else: CheckTiming.passes)
    try fields.encode(failures, .failures, else: CheckTiming.failures)
    try fields.encode(startsPassing, .startsPassing, else: false)
  }

  /// What a TCP or gRPC check connects to.
  private struct Remote: Codable {
    let port: UInt16?
    let service: String

    enum CodingKeys: String, CodingKey, CaseIterable { case port, service }

    init(port: UInt16?, service: String) {
      self.port = port
      self.service = service
    }

    init(from decoder: any Decoder) throws {
      let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
      port = try fields.decodeIfPresent(UInt16.self, forKey: .port)
      service = try fields.value(.service, else: "")
    }

    func encode(to encoder: any Encoder) throws {
      var fields = encoder.container(keyedBy: CodingKeys.self)
      try fields.encodeIfPresent(port, forKey: .port)
      try fields.encode(service, .service, else: "")
    }
  }
}

/// Statuses are texts: `200`, or `200-399`.
extension HealthCheck.HTTP: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case port, path, host, statuses }

  /// Reads JSON strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    let texts: [String]? = try fields.decodeIfPresent([String].self, forKey: .statuses)
    let statuses = try texts?.map { text in
      guard let range = Self.range(text) else { throw fields.wrong(.statuses, "\"\(text)\" is not 200 or 200-399") }
      return range
    }
    self.init(
      port: try fields.decodeIfPresent(UInt16.self, forKey: .port),
      path: try fields.value(.path, else: "/"),
      host: try fields.value(.host, else: ""),
      statuses: statuses ?? Self.defaultStatuses
    )
  }

  /// Writes JSON.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encodeIfPresent(port, forKey: .port)
    try fields.encode(path, .path, else: "/")
    try fields.encode(host, .host, else: "")
    let texts = statuses.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
    try fields.encode(texts, .statuses, else: ["200-399"])
  }

  /// A status or a range of them; nil for another text.
  public static func range(_ text: String) -> ClosedRange<UInt16>? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { UInt16($0) }
    guard parts.count <= 2, let first = parts.first ?? nil, let last = parts.last ?? nil, first <= last else {
      return nil
    }
    return first...last
  }
}
