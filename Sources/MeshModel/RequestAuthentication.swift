/// Istio's RequestAuthentication (security.istio.io/v1): which tokens (JWT, RFC 7519) a workload's proxy accepts.
///
/// A request without a token passes, as in Istio: requiring one is an AuthorizationPolicy's business. A request whose
/// token is not right is answered with 401.
public struct RequestAuthentication: Hashable, Sendable {
  /// The namespace whose workloads it is for.
  public var namespace: String
  /// Its name, unique within the namespace.
  public var name: String
  /// The workloads of the namespace it applies to.
  public var selector: LabelSelector
  /// The issuers that are accepted.
  public var rules: [Rule]

  /// A document.
  public init(namespace: String, name: String, selector: LabelSelector = LabelSelector(), rules: [Rule]) {
    self.namespace = namespace
    self.name = name
    self.selector = selector
    self.rules = rules
  }

  /// `namespace/name`.
  public var fullName: String { "\(namespace)/\(name)" }

  /// Whether the document applies to `workload` at all.
  public func selects(_ workload: Workload) -> Bool {
    namespace == workload.namespace && selector.selects(workload.labels)
  }

  /// One issuer (JWTRule).
  public struct Rule: Hashable, Sendable {
    /// The `iss` claim, exactly.
    public var issuer: String
    /// One of these must be in `aud`; empty: any audience.
    public var audiences: [String]
    /// The issuer's keys; from `jwks`, or from the local file that `jwksUri: file:///...` names when it was compiled.
    public var keys: [JSONWebKey]
    /// Header fields that may hold the token, names lower case; where nothing is given: `authorization: Bearer`.
    public var fromHeaders: [HeaderLocation]
    /// Query parameters that may hold it; where nothing is given: `access_token`.
    public var fromParameters: [String]
    /// Whether the token goes on to the program.
    public var forwardsToken: Bool
    /// A header field that is given the token's payload (base64url), lower case; empty: none.
    public var payloadHeader: String
    /// Claims that are given to the program as header fields.
    public var claimHeaders: [ClaimHeader]

    /// An issuer.
    public init(
      issuer: String,
      audiences: [String] = [],
      keys: [JSONWebKey],
      fromHeaders: [HeaderLocation] = [],
      fromParameters: [String] = [],
      forwardsToken: Bool = false,
      payloadHeader: String = "",
      claimHeaders: [ClaimHeader] = []
    ) {
      self.issuer = issuer
      self.audiences = audiences
      self.keys = keys
      self.fromHeaders = fromHeaders
      self.fromParameters = fromParameters
      self.forwardsToken = forwardsToken
      self.payloadHeader = payloadHeader
      self.claimHeaders = claimHeaders
    }
  }

  /// A header field that holds a token behind a prefix, such as `Bearer `.
  public struct HeaderLocation: Hashable, Sendable {
    /// Lower case.
    public var name: String
    /// May be empty.
    public var prefix: String

    /// A place.
    public init(name: String, prefix: String = "") {
      self.name = name
      self.prefix = prefix
    }
  }

  /// A claim that is passed on as a header field.
  public struct ClaimHeader: Hashable, Sendable {
    /// Lower case.
    public var header: String
    /// A path of keys into the claims.
    public var claim: [String]

    /// A claim to pass on.
    public init(header: String, claim: [String]) {
      self.header = header
      self.claim = claim
    }
  }
}

/// A public key that signs tokens (RFC 7517), as far as RS256 and ES256 need it.
public struct JSONWebKey: Hashable, Sendable {
  /// The key's number in `kid`; empty where it has none.
  public var id: String
  /// What it verifies.
  public var material: Material

  /// The numbers that make a key.
  public enum Material: Hashable, Sendable {
    /// RS256: modulus and exponent, big-endian.
    case rsa(modulus: [UInt8], exponent: [UInt8])
    /// ES256: a point of P-256, 32 bytes each.
    case p256(x: [UInt8], y: [UInt8])
  }

  /// A key.
  public init(id: String = "", _ material: Material) {
    self.id = id
    self.material = material
  }
}
