/// Who a proxy is to other proxies, as its admin socket tells it.
public struct IdentityStatus: Codable, Hashable, Sendable {
  /// Its SPIFFE ID; nil where the agent has given it none.
  public var spiffeID: String?
  /// The trust domain's path of the identity that it asks for: `/ns/<namespace>/sa/<service account>`.
  public var wanted: String
  /// When its certificate begins to be valid, in seconds since 1970.
  public var notBeforeS: Int64?
  /// When it expires, in seconds since 1970.
  public var notAfterS: Int64?
  /// When it came, in seconds since 1970.
  public var givenS: Int64?
  /// SHA-256 of each root that it believes, in hexadecimal digits.
  public var roots: [String]
  /// Certificates and bundles that it took since its start.
  public var renewals: UInt64
  /// Why it has none, or no newer one; nil while the agent's stream stands.
  public var lastProblem: String?

  /// Without an identity.
  public init(wanted: String) {
    self.wanted = wanted
    roots = []
    renewals = 0
  }
}
