extension MeshConfiguration: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case services, routes, authorizations, authentications, peerAuthentications, traffic, telemetry, sidecars
  }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(
      services: try fields.list(.services),
      routes: try fields.list(.routes),
      authorizations: try fields.list(.authorizations),
      authentications: try fields.list(.authentications),
      peerAuthentications: try fields.list(.peerAuthentications),
      traffic: try fields.list(.traffic),
      telemetry: try fields.list(.telemetry),
      sidecars: try fields.list(.sidecars)
    )
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(list: services, .services)
    try fields.encode(list: routes, .routes)
    try fields.encode(list: authorizations, .authorizations)
    try fields.encode(list: authentications, .authentications)
    try fields.encode(list: peerAuthentications, .peerAuthentications)
    try fields.encode(list: traffic, .traffic)
    try fields.encode(list: telemetry, .telemetry)
    try fields.encode(list: sidecars, .sidecars)
  }
}
