extension TelemetryPolicy: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case namespace, name, selector, sampledPartsPerMillion, recordsSuccesses
  }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(
      namespace: try fields.decode(String.self, forKey: .namespace),
      name: try fields.decode(String.self, forKey: .name),
      selector: try fields.value(.selector, else: LabelSelector()),
      sampledPartsPerMillion: try fields.decodeIfPresent(UInt32.self, forKey: .sampledPartsPerMillion),
      recordsSuccesses: try fields.decodeIfPresent(Bool.self, forKey: .recordsSuccesses)
    )
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(namespace, forKey: .namespace)
    try fields.encode(name, forKey: .name)
    try fields.encode(selector, .selector)
    try fields.encodeIfPresent(sampledPartsPerMillion, forKey: .sampledPartsPerMillion)
    try fields.encodeIfPresent(recordsSuccesses, forKey: .recordsSuccesses)
  }
}

extension SidecarPolicy: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case namespace, name, selector, outboundMode }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(
      namespace: try fields.decode(String.self, forKey: .namespace),
      name: try fields.decode(String.self, forKey: .name),
      selector: try fields.value(.selector, else: LabelSelector()),
      outboundMode: try fields.decode(OutboundMode.self, forKey: .outboundMode)
    )
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(namespace, forKey: .namespace)
    try fields.encode(name, forKey: .name)
    try fields.encode(selector, .selector)
    try fields.encode(outboundMode, forKey: .outboundMode)
  }
}
