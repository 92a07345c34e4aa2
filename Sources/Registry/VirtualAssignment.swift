public import MeshModel

/// The virtual addresses of one service.
public struct VirtualAssignment: Hashable, Sendable {
  /// The service's namespace.
  public let namespace: String
  /// The service's name.
  public let name: String
  /// Its IPv4 address.
  public let v4: IPAddress
  /// Its IPv6 address.
  public let v6: IPAddress
  /// When the service was gone, in milliseconds of Unix time; nil while it is there.
  public internal(set) var released_ms: Int64?

  /// An assignment, as it was written.
  public init(namespace: String, name: String, v4: IPAddress, v6: IPAddress, released_ms: Int64? = nil) {
    self.namespace = namespace
    self.name = name
    self.v4 = v4
    self.v6 = v6
    self.released_ms = released_ms
  }

  /// Both addresses, as `Service.addresses` holds them.
  public var addresses: [IPAddress] { [v4, v6] }
}

extension VirtualAssignment: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case namespace, name, v4, v6, released_ms }

  /// Reads the agent's JSON strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(
      namespace: try fields.decode(String.self, forKey: .namespace),
      name: try fields.decode(String.self, forKey: .name),
      v4: try fields.decode(IPAddress.self, forKey: .v4),
      v6: try fields.decode(IPAddress.self, forKey: .v6),
      released_ms: try fields.decodeIfPresent(Int64.self, forKey: .released_ms)
    )
  }

  /// Writes the agent's JSON.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(namespace, forKey: .namespace)
    try fields.encode(name, forKey: .name)
    try fields.encode(v4, forKey: .v4)
    try fields.encode(v6, forKey: .v6)
    try fields.encodeIfPresent(released_ms, forKey: .released_ms)
  }
}
