/// How a proxy speaks TLS to the endpoints of a service (Istio's ClientTLSSettings, networking/v1alpha3
/// destination_rule.proto). Files are those of the proxy's own host; it opens them, and a snapshot names them only.
public enum UpstreamTLS: Hashable, Sendable {
  /// Not at all: what programs say goes as it came (DISABLE).
  case disable
  /// TLS by which the endpoint shows who it is (SIMPLE).
  case simple(Server)
  /// TLS by which both show who they are, with a certificate of the document's (MUTUAL).
  case mutual(Server, OwnCertificate)
  /// The mesh's mutual TLS, with the mesh's identities (ISTIO_MUTUAL).
  case mesh

  /// Whom the endpoint must prove to be.
  public struct Server: Hashable, Sendable {
    /// A PEM file of the authorities that it must be vouched for by; nil: those that the host trusts.
    public var authorities: String?
    /// The name that it is asked for (SNI), lower case; nil: the one that the program asked for.
    public var name: String?
    /// Names of which its certificate must have one (`subjectAltNames`); empty: the name that it is asked for.
    public var alternativeNames: [String]
    /// Whether nothing of its certificates is looked at (`insecureSkipVerify`): it could be anybody.
    public var skipsVerification: Bool

    /// By default, whoever the program asked for, by the authorities that the host trusts.
    public init(
      authorities: String? = nil,
      name: String? = nil,
      alternativeNames: [String] = [],
      skipsVerification: Bool = false
    ) {
      self.authorities = authorities
      self.name = name
      self.alternativeNames = alternativeNames
      self.skipsVerification = skipsVerification
    }
  }

  /// What the proxy shows of itself: PEM files.
  public struct OwnCertificate: Hashable, Sendable {
    /// The chain, the leaf first.
    public var chain: String
    /// Its key.
    public var key: String

    /// A certificate and its key.
    public init(chain: String, key: String) {
      self.chain = chain
      self.key = key
    }
  }

  /// What is asked of the endpoint; nil where the document asks nothing.
  public var server: Server? {
    switch self {
    case .simple(let server), .mutual(let server, _): server
    case .disable, .mesh: nil
    }
  }

  /// `tls.mode` as documents write it.
  public var mode: String {
    switch self {
    case .disable: "DISABLE"
    case .simple: "SIMPLE"
    case .mutual: "MUTUAL"
    case .mesh: "ISTIO_MUTUAL"
    }
  }
}

extension TrafficPolicy {
  /// What holds at one port instead of what holds at all (`portLevelSettings`).
  public struct PortTLS: Hashable, Sendable {
    /// The number that programs dial.
    public var port: UInt16
    /// How its endpoints are spoken to; nil: as where no document says anything.
    public var tls: UpstreamTLS?

    /// A port.
    public init(_ port: UInt16, _ tls: UpstreamTLS?) {
      self.port = port
      self.tls = tls
    }
  }

  /// How the endpoints of a port are spoken to; nil: no document says.
  public func tls(at port: UInt16) -> UpstreamTLS? {
    portTLS.first { $0.port == port }.map(\.tls) ?? tls
  }
}
