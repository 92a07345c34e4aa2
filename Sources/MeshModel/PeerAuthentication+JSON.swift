extension PeerAuthentication: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case namespace, name, selector, mode, ports, expires_s, created_s }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(
      namespace: try fields.decode(String.self, forKey: .namespace),
      name: try fields.decode(String.self, forKey: .name),
      selector: try fields.value(.selector, else: LabelSelector()),
      mode: try fields.decodeIfPresent(Mode.self, forKey: .mode),
      ports: try fields.list(.ports),
      expires_s: try fields.decodeIfPresent(Int64.self, forKey: .expires_s),
      created_s: try fields.value(.created_s, else: 0)
    )
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(namespace, forKey: .namespace)
    try fields.encode(name, forKey: .name)
    try fields.encode(selector, .selector)
    try fields.encodeIfPresent(mode, forKey: .mode)
    try fields.encode(list: ports, .ports)
    try fields.encodeIfPresent(expires_s, forKey: .expires_s)
    try fields.encode(created_s, .created_s, else: 0)
  }
}

extension PeerAuthentication.Mode: Codable {}

extension PeerAuthentication.Port: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case port, mode }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(
      try fields.decode(UInt16.self, forKey: .port),
      try fields.decodeIfPresent(PeerAuthentication.Mode.self, forKey: .mode)
    )
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(port, forKey: .port)
    try fields.encodeIfPresent(mode, forKey: .mode)
  }
}
