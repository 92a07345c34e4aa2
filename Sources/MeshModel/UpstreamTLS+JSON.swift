extension UpstreamTLS: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case mode, authorities, name, alternativeNames, skipsVerification, chain, key
  }

  /// Reads the JSON of a snapshot strictly: an unknown key, or one that does not go with the mode, is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    let mode = try fields.decode(String.self, forKey: .mode)
    let server = Server(
      authorities: try fields.decodeIfPresent(String.self, forKey: .authorities),
      name: try fields.decodeIfPresent(String.self, forKey: .name),
      alternativeNames: try fields.list(.alternativeNames),
      skipsVerification: try fields.decodeIfPresent(Bool.self, forKey: .skipsVerification) ?? false
    )
    let chain = try fields.decodeIfPresent(String.self, forKey: .chain)
    let key = try fields.decodeIfPresent(String.self, forKey: .key)
    let isBare = server == Server() && chain == nil && key == nil
    switch (mode, chain, key) {
    case ("DISABLE", _, _) where isBare: self = .disable
    case ("ISTIO_MUTUAL", _, _) where isBare: self = .mesh
    case ("SIMPLE", nil, nil): self = .simple(server)
    case ("MUTUAL", let chain?, let key?): self = .mutual(server, OwnCertificate(chain: chain, key: key))
    default: throw fields.wrong(.mode, "\"\(mode)\" is no mode, or does not go with what stands beside it")
    }
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(mode, forKey: .mode)
    if let server {
      try fields.encodeIfPresent(server.authorities, forKey: .authorities)
      try fields.encodeIfPresent(server.name, forKey: .name)
      try fields.encode(list: server.alternativeNames, .alternativeNames)
      if server.skipsVerification { try fields.encode(true, forKey: .skipsVerification) }
    }
    guard case .mutual(_, let own) = self else { return }
    try fields.encode(own.chain, forKey: .chain)
    try fields.encode(own.key, forKey: .key)
  }
}

extension TrafficPolicy.PortTLS: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case port, tls }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(
      try fields.decode(UInt16.self, forKey: .port),
      try fields.decodeIfPresent(UpstreamTLS.self, forKey: .tls)
    )
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(port, forKey: .port)
    try fields.encodeIfPresent(tls, forKey: .tls)
  }
}
