public import MeshModel

/// Who a server outside the mesh must prove to be.
public struct ServerExpectation: Hashable, Sendable {
  /// What it is asked for (RFC 6066 section 3); nil: nothing, as where an address is all that is known.
  public let serverName: String?
  /// Names of which its certificate must have one. None at all: nobody is the right one.
  public let names: Names
  /// Whether its certificates are looked at. Where not, it could be anybody.
  public let isVerified: Bool

  /// Names of the kinds that certificates have (RFC 5280 section 4.2.1.6). One of another kind is never taken for one of these.
  public struct Names: Hashable, Sendable {
    /// Without wildcards; those of a certificate may have one for the first label (RFC 6125 section 6.4.3).
    public var dns: [String]
    /// Compared as addresses, whatever their spelling.
    public var addresses: [IPAddress]
    /// As they stand in certificates, byte for byte.
    public var uris: [String]

    /// Names; none where nothing is given.
    public init(dns: [String] = [], addresses: [IPAddress] = [], uris: [String] = []) {
      self.dns = dns
      self.addresses = addresses
      self.uris = uris
    }

    /// Whether there is none.
    public var isEmpty: Bool { dns.isEmpty && addresses.isEmpty && uris.isEmpty }
  }

  /// What is expected. `asked` is the name or address that it is asked for; where `names` is nil that is whom it must be.
  public init(asking asked: String?, names: Names? = nil, isVerified: Bool = true) {
    let address = asked.flatMap { IPAddress($0) }
    // Addresses are no server names (RFC 6066 section 3).
    serverName = address == nil ? asked : nil
    self.names =
      names ?? address.map { Names(addresses: [$0]) } ?? asked.map { Names(dns: [$0]) } ?? Names()
    self.isVerified = isVerified
  }
}
