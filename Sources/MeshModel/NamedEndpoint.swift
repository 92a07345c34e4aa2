/// An endpoint that documents give by a host name, whose addresses the proxy asks the host's resolvers for (a ServiceEntry
/// with `resolution: DNS`).
public struct NamedEndpoint: Hashable, Sendable {
  /// The host's name, lower case.
  public var host: String
  /// Where it listens: the target port.
  public var port: UInt16
  /// The zone it runs in; empty where none is given.
  public var zone: String
  /// Whether one of its addresses is used at a time, and not all (`DNS_ROUND_ROBIN`).
  public var takesOne: Bool

  /// A named endpoint.
  public init(_ host: String, port: UInt16, zone: String = "", takesOne: Bool = false) {
    self.host = host
    self.port = port
    self.zone = zone
    self.takesOne = takesOne
  }

  /// What it is at these addresses of its host, in order of preference.
  public func endpoints(at addresses: [IPAddress]) -> [Endpoint] {
    addresses.prefix(takesOne ? 1 : addresses.count).map { Endpoint(SocketAddress($0, port: port), zone: zone) }
  }
}

extension NamedEndpoint: LosslessStringConvertible {
  private enum Word { static let zone = "zone=", one = "one" }

  /// Reads `api.example.com:443`, perhaps followed by ` zone=NAME` and ` one`, in this order; nil for anything else.
  public init?(_ text: String) {
    var words = text.split(separator: " ", omittingEmptySubsequences: false)[...]
    guard let first = words.popFirst(), let colon = first.lastIndex(of: ":") else { return nil }
    let digits = first[first.index(after: colon)...]
    guard let port = UInt16(digits), String(port) == digits else { return nil }
    self.init(String(first[..<colon]), port: port)
    if let word = words.first, word.hasPrefix(Word.zone), word.count > Word.zone.count {
      words.removeFirst()
      zone = String(word.dropFirst(Word.zone.count))
    }
    takesOne = !words.isEmpty
    guard words.isEmpty || Array(words) == [Word.one[...]] else { return nil }
  }

  /// The form that the initializer reads.
  public var description: String {
    "\(host):\(port)" + (zone.isEmpty ? "" : " \(Word.zone)\(zone)") + (takesOne ? " \(Word.one)" : "")
  }
}

extension Service {
  /// The names of hosts that its endpoints have, each once.
  public var endpointHosts: Set<String> { Set(ports.flatMap { $0.named.map(\.host) }) }
}
