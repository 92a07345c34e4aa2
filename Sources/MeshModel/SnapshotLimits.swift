/// Bounds on a snapshot: what a wrong or hostile file can make a proxy hold and scan.
public enum SnapshotLimits {
  /// Ten thousand services with 100,000 endpoints are some 9 MiB of JSON, 10,000 routes some 12 MiB more; reading as
  /// much takes a second or two, off the workers.
  public static let maxFileBytes = 64 << 20

  /// Twice what large clusters report for a namespace's selectors; an index into them fits 16 bits. It bounds
  /// documents of every kind.
  public static let maxPolicies = 10_000
  /// Rules of one policy in one direction; an index into them fits 16 bits.
  public static let maxRules = 1_000
  /// Blocks in one rule: generated allow-lists of cloud providers have up to about 10,000 entries.
  public static let maxIPBlocks = 10_000
  /// Exceptions of one block.
  public static let maxExceptions = 1_000
  /// Ports in one rule.
  public static let maxPorts = 1_000
  /// Labels, requirements, or values of a requirement in one selector.
  public static let maxSelectorTerms = 100

  /// Twice what Kubernetes is tested with in one cluster.
  public static let maxServices = 10_000
  /// A cluster address of each family (core/v1 `clusterIPs`).
  public static let maxServiceAddresses = 2
  /// Ports of one service: as many as an EndpointSlice may have.
  public static let maxServicePorts = 100
  /// Names of one service that are none of the mesh's (Istio's ServiceEntry).
  public static let maxServiceHosts = 256
  /// Endpoints of one port: where Kubernetes itself starts to cut (an Endpoints object holds 1,000).
  public static let maxPortEndpoints = 1_000
  /// Endpoints of one port that are given by name: with as many addresses each as are taken of an answer
  /// (`ResolutionLimit.addresses`) they stay below the endpoints of a port.
  public static let maxPortNames = 16
  /// Endpoints in all: a text of about 50 bytes each.
  public static let maxEndpoints = 100_000
  /// Bytes of a zone's name: a label value.
  public static let maxZoneBytes = LabelSyntax.maxPartBytes

  /// As many as services, since most services have at most one.
  public static let maxRoutes = 10_000
  /// Rules of one route (Gateway API).
  public static let maxRouteRules = 16
  /// Matches of one rule (Gateway API).
  public static let maxRuleMatches = 64
  /// Matches of one route, which a request may have to walk (Gateway API).
  public static let maxRouteMatches = 128
  /// Parents of one route (Gateway API).
  public static let maxParents = 32
  /// Host names of one route, header fields or query parameters of one match, filters or backends of one rule, edits
  /// of one kind (Gateway API).
  public static let maxRouteTerms = 16
  /// Statuses that one rule retries: all that there are from 400 to 599 would be a mistake.
  public static let maxRetryCodes = 64
  /// Further tries; each costs the upstreams once more.
  public static let maxRetryAttempts: UInt8 = 10
  /// Weight of one backend (Gateway API).
  public static let maxWeight: UInt32 = 1_000_000
  /// Longest time limit or pause, a day: what is longer is a mistake.
  public static let maxTime_ms: UInt32 = 86_400_000

  /// Bytes of a path or a regular expression (Gateway API); what a pattern can cost grows with it.
  public static let maxPathBytes = 1_024
  /// Bytes of a header field's name (Gateway API).
  public static let maxFieldNameBytes = 256
  /// Bytes of a header field's value (Gateway API), or of a text to compare with.
  public static let maxValueBytes = 4_096

  /// Rules, sources, operations or conditions in one list of an AuthorizationPolicy (Istio).
  public static let maxAuthorizationTerms = 512
  /// Texts or ports in one list of an AuthorizationPolicy.
  public static let maxAuthorizationValues = 1_000
  /// Names in one path of claims.
  public static let maxClaimDepth = 16

  /// Issuers of one RequestAuthentication, and keys, audiences or places of one issuer.
  public static let maxTokenTerms = 64
  /// Bytes of an RSA modulus: 16,384 bits, beyond which verifying costs too much for a request.
  public static let maxModulusBytes = 2_048
  /// Bytes of an RSA modulus at least: 2,048 bits (RFC 7518 section 3.3).
  public static let minModulusBytes = 256
  /// Bytes of an RSA exponent; nearly all are 65537.
  public static let maxExponentBytes = 8

  /// When an exception can end, in seconds since 1970: from 1970 to the end of year 9999, the last that RFC 3339 writes.
  public static let expiry_s: ClosedRange<Int64> = 0...253_402_300_799

  /// Targets, limits, or header fields of a limit in one BackendTrafficPolicy (Envoy Gateway).
  public static let maxTrafficTerms = 16
}
