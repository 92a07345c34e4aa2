extension Service: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case namespace, name, addresses, ports, forwardsClients, hosts }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(
      namespace: try fields.decode(String.self, forKey: .namespace),
      name: try fields.decode(String.self, forKey: .name),
      addresses: try fields.list(.addresses),
      ports: try fields.list(.ports),
      forwardsClients: try fields.value(.forwardsClients, else: false),
      hosts: try fields.list(.hosts)
    )
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(namespace, forKey: .namespace)
    try fields.encode(name, forKey: .name)
    try fields.encode(list: addresses, .addresses)
    try fields.encode(list: ports, .ports)
    try fields.encode(forwardsClients, .forwardsClients, else: false)
    try fields.encode(list: hosts, .hosts)
  }
}

extension Service.Port: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case name, port, appProtocol, endpoints, named }

  /// Reads the JSON of a snapshot strictly: an unknown key is an error.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.strictContainer(keyedBy: CodingKeys.self)
    self.init(
      name: try fields.value(.name, else: ""),
      port: try fields.decode(UInt16.self, forKey: .port),
      appProtocol: try fields.value(.appProtocol, else: .unspecified),
      endpoints: try fields.list(.endpoints),
      named: try fields.list(.named)
    )
  }

  /// Writes the JSON of a snapshot.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(name, .name, else: "")
    try fields.encode(port, forKey: .port)
    try fields.encode(appProtocol, .appProtocol, else: .unspecified)
    try fields.encode(list: endpoints, .endpoints)
    try fields.encode(list: named, .named)
  }
}

extension Service.AppProtocol: Codable {}

extension Endpoint: LosslessStringConvertible {
  private enum Word {
    static let zone = "zone=", identity = "identity=", meshed = "meshed", unready = "unready"
  }

  /// Reads `192.0.2.1:80`, perhaps followed by ` zone=NAME`, ` identity=spiffe://...`, ` meshed` and ` unready`, in this
  /// order; nil for anything else.
  public init?(_ text: String) {
    var words = text.split(separator: " ", omittingEmptySubsequences: false)[...]
    guard let first = words.popFirst(), let address = SocketAddress(String(first)) else { return nil }
    self.init(address)
    if let zone = Self.take(Word.zone, from: &words) {
      guard !zone.isEmpty else { return nil }
      self.zone = zone
    }
    if let text = Self.take(Word.identity, from: &words) {
      guard let identity = try? SPIFFEID(text) else { return nil }
      self.identity = identity
    }
    if let rest = Self.take(Word.meshed, from: &words) {
      guard rest.isEmpty else { return nil }
      isMeshed = true
    }
    isReady = words.isEmpty
    guard isReady || Array(words) == [Word.unready[...]] else { return nil }
  }

  /// What stands behind `mark` in the next word, which is taken; nil where that begins otherwise.
  private static func take(_ mark: String, from words: inout ArraySlice<Substring>) -> String? {
    guard let word = words.first, word.hasPrefix(mark) else { return nil }
    words.removeFirst()
    return String(word.dropFirst(mark.count))
  }

  /// The form that the initializer reads: one text and not an object, since a large mesh has 100,000 of them.
  public var description: String {
    address.description + (zone.isEmpty ? "" : " \(Word.zone)\(zone)")
      + (identity.map { " \(Word.identity)\($0)" } ?? "") + (isMeshed ? " \(Word.meshed)" : "")
      + (isReady ? "" : " \(Word.unready)")
  }
}
