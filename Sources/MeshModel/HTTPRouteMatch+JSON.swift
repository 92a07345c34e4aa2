extension HTTPRoute.Match: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case path, method, headers, query }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(
      path: try fields.decodeIfPresent(HTTPRoute.PathMatch.self, forKey: .path),
      method: try fields.decodeIfPresent(String.self, forKey: .method),
      headers: try fields.list(.headers),
      query: try fields.list(.query)
    )
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encodeIfPresent(path, forKey: .path)
    try fields.encodeIfPresent(method, forKey: .method)
    try fields.encode(list: headers, .headers)
    try fields.encode(list: query, .query)
  }
}

/// How a match compares, as Gateway API spells it.
private enum MatchType: String, Codable {
  case exact = "Exact"
  case prefix = "PathPrefix"
  case regex = "RegularExpression"
}

/// How a call of gRPC is compared: our own words, for GRPCRoute has no path.
private enum CallType: String, Codable {
  case exact = "Call"
  case regex = "CallExpression"
}

extension HTTPRoute.PathMatch: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case type, value, service, method }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    if let type = CallType(rawValue: try fields.decode(String.self, forKey: .type)) {
      self = .call(
        service: try fields.decodeIfPresent(String.self, forKey: .service),
        method: try fields.decodeIfPresent(String.self, forKey: .method),
        isRegex: type == .regex
      )
      return
    }
    let value = try fields.decode(String.self, forKey: .value)
    switch try fields.decode(MatchType.self, forKey: .type) {
    case .exact: self = .exact(value)
    case .prefix: self = .prefix(value)
    case .regex: self = .regex(value)
    }
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .exact(let value): try encode(.exact, value, to: &fields)
    case .prefix(let value): try encode(.prefix, value, to: &fields)
    case .regex(let value): try encode(.regex, value, to: &fields)
    case .call(let service, let method, let isRegex):
      try fields.encode(isRegex ? CallType.regex : .exact, forKey: .type)
      try fields.encodeIfPresent(service, forKey: .service)
      try fields.encodeIfPresent(method, forKey: .method)
    }
  }

  private func encode(
    _ type: MatchType,
    _ value: String,
    to fields: inout KeyedEncodingContainer<CodingKeys>
  ) throws {
    try fields.encode(type, forKey: .type)
    try fields.encode(value, forKey: .value)
  }
}

extension HTTPRoute.ValueMatch: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case name, value, isRegex }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(
      name: try fields.decode(String.self, forKey: .name),
      value: try fields.decode(String.self, forKey: .value),
      isRegex: try fields.value(.isRegex, else: false)
    )
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(name, forKey: .name)
    try fields.encode(value, forKey: .value)
    try fields.encode(isRegex, .isRegex, else: false)
  }
}
