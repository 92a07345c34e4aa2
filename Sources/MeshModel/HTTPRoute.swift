/// A Gateway API HTTPRoute or GRPCRoute (gateway.networking.k8s.io/v1) whose parents are services: how requests to these
/// services are matched, changed, spread and retried. Or a TLSRoute: where TLS clients of these services go by the name that
/// they ask for.
public struct HTTPRoute: Hashable, Sendable {
  /// Which of the documents it is.
  public var kind: Kind
  /// The namespace it lives in.
  public var namespace: String
  /// Its name, unique within the namespace and among routes of its kind.
  public var name: String
  /// When it was made, in seconds since 1970 (`metadata.creationTimestamp`); the older of two equal routes wins. Nil:
  /// not said, which counts as oldest.
  public var created_s: Int64?
  /// The services it is for.
  public var parents: [Parent]
  /// Host names it is for, lower case, perhaps with a leading `*.`; empty: every one.
  public var hostnames: [String]
  /// Its rules, in the order of the document.
  public var rules: [Rule]

  /// A route.
  public init(
    _ kind: Kind = .http,
    namespace: String,
    name: String,
    created_s: Int64? = nil,
    parents: [Parent],
    hostnames: [String] = [],
    rules: [Rule]
  ) {
    self.kind = kind
    self.namespace = namespace
    self.name = name
    self.created_s = created_s
    self.parents = parents
    self.hostnames = hostnames
    self.rules = rules
  }

  /// `namespace/name`.
  public var fullName: String { "\(namespace)/\(name)" }

  /// By what it is told from all other routes: the kinds may have one of a name each.
  public var key: String { Self.key(kind, fullName) }

  /// The key of a route of that kind and `namespace/name`.
  public static func key(_ kind: Kind, _ fullName: String) -> String {
    kind == .http ? fullName : "\(fullName) (\(kind.rawValue))"
  }

  /// The document that a route is read from.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    case http = "HTTPRoute"
    /// It is for calls of gRPC alone: requests of another content none of its rules takes.
    case grpc = "GRPCRoute"
    /// It is for connections of TLS clients, of which no request is seen: it has one rule, without matches and filters.
    case tls = "TLSRoute"
  }

  /// A service that the route is attached to.
  public struct Parent: Hashable, Sendable {
    /// Its namespace.
    public var namespace: String
    /// Its name.
    public var service: String
    /// The one port meant; nil: every port.
    public var port: UInt16?

    /// A parent.
    public init(namespace: String, service: String, port: UInt16? = nil) {
      self.namespace = namespace
      self.service = service
      self.port = port
    }
  }

  /// Requests that one of `matches` describes are treated so.
  public struct Rule: Hashable, Sendable {
    /// Its name, where it has one (`rules[].name`).
    public var name: String
    /// Any of these is enough; empty: every request.
    public var matches: [Match]
    /// What is done to the request and its response, in order.
    public var filters: [Filter]
    /// Where requests go, by weight; empty: to the parent itself, or nowhere where a filter answers.
    public var backends: [Backend]
    /// Milliseconds from the request's first byte to the response's last (`timeouts.request`); nil or 0: no limit.
    public var requestTimeout_ms: UInt32?
    /// Milliseconds for one try (`timeouts.backendRequest`).
    public var backendTimeout_ms: UInt32?
    /// When to try again.
    public var retry: Retry?

    /// A rule; by default it takes every request to its parent.
    public init(
      name: String = "",
      matches: [Match] = [],
      filters: [Filter] = [],
      backends: [Backend] = [],
      requestTimeout_ms: UInt32? = nil,
      backendTimeout_ms: UInt32? = nil,
      retry: Retry? = nil
    ) {
      self.name = name
      self.matches = matches
      self.filters = filters
      self.backends = backends
      self.requestTimeout_ms = requestTimeout_ms
      self.backendTimeout_ms = backendTimeout_ms
      self.retry = retry
    }
  }

  /// A service that requests go to.
  public struct Backend: Hashable, Sendable {
    /// Its namespace.
    public var namespace: String
    /// Its name.
    public var service: String
    /// Its port.
    public var port: UInt16
    /// Its share of the sum of weights; 0: none.
    public var weight: UInt32
    /// Done only to what goes to this backend: header edits.
    public var filters: [Filter]

    /// A backend.
    public init(namespace: String, service: String, port: UInt16, weight: UInt32 = 1, filters: [Filter] = []) {
      self.namespace = namespace
      self.service = service
      self.port = port
      self.weight = weight
      self.filters = filters
    }
  }

  /// When a request is tried again: where it is safe, after a connection failed, or on one of `codes` (GEP-1731).
  public struct Retry: Hashable, Sendable {
    /// Response statuses that ask for another try.
    public var codes: [UInt16]
    /// What a call of gRPC came to that asks for another try, by the numbers of `grpc-status`.
    public var grpcCodes: [UInt8]
    /// Further tries after the first.
    public var attempts: UInt8
    /// Milliseconds before the second try, growing from there.
    public var backoff_ms: UInt32

    /// Retries; the defaults are Envoy's and Istio's.
    public init(codes: [UInt16] = [], grpcCodes: [UInt8] = [], attempts: UInt8 = 2, backoff_ms: UInt32 = 25) {
      self.codes = codes
      self.grpcCodes = grpcCodes
      self.attempts = attempts
      self.backoff_ms = backoff_ms
    }
  }
}
