/// A Gateway API HTTPRoute or GRPCRoute (gateway.networking.k8s.io/v1) whose parents are services: how requests to these
/// services are matched, changed, spread and retried.
public struct HTTPRoute: Hashable, Sendable {
  /// Which of the two documents it is.
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

  /// By what it is told from all other routes: the two kinds may have one of a name each.
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

  /// All that is given must hold of a request.
  public struct Match: Hashable, Sendable {
    /// The path; nil: any.
    public var path: PathMatch?
    /// The method, upper case; nil: any.
    public var method: String?
    /// Header fields, names lower case.
    public var headers: [ValueMatch]
    /// Query parameters.
    public var query: [ValueMatch]

    /// A match of everything given.
    public init(
      path: PathMatch? = nil,
      method: String? = nil,
      headers: [ValueMatch] = [],
      query: [ValueMatch] = []
    ) {
      self.path = path
      self.method = method
      self.headers = headers
      self.query = query
    }
  }

  /// How a path is compared.
  public enum PathMatch: Hashable, Sendable {
    case exact(String)
    /// Whole segments: `/a` takes `/a` and `/a/b`, not `/ab`.
    case prefix(String)
    /// The whole path must match (Envoy's full match).
    case regex(String)
    /// A call of gRPC, whose path is `/service/method`; never neither of the two. What is nil may be any.
    case call(service: String?, method: String?, isRegex: Bool)
  }

  /// A header field or query parameter, by name.
  public struct ValueMatch: Hashable, Sendable {
    /// The name; of header fields lower case.
    public var name: String
    /// The value, or what it must match as a whole.
    public var value: String
    /// Whether `value` is a regular expression.
    public var isRegex: Bool

    /// A match of one value.
    public init(name: String, value: String, isRegex: Bool = false) {
      self.name = name
      self.value = value
      self.isRegex = isRegex
    }
  }

  /// What is done to a request or its response.
  public enum Filter: Hashable, Sendable {
    case requestHeaders(HeaderEdits)
    case responseHeaders(HeaderEdits)
    case redirect(Redirect)
    case rewrite(hostname: String?, path: PathEdit?)
    case mirror(Backend, partsPerMillion: UInt32)
  }

  /// Changes of header fields, names lower case: first `set`, then `add`, then `remove`.
  public struct HeaderEdits: Hashable, Sendable {
    /// Fields that are given this value, whatever they had.
    public var set: [Header]
    /// Fields that get one more value.
    public var add: [Header]
    /// Fields that are taken away.
    public var remove: [String]

    /// Edits.
    public init(set: [Header] = [], add: [Header] = [], remove: [String] = []) {
      self.set = set
      self.add = add
      self.remove = remove
    }
  }

  /// A header field.
  public struct Header: Hashable, Sendable {
    /// Lower case.
    public var name: String
    /// Its value.
    public var value: String

    /// A field.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// An answer that sends the client elsewhere; what is nil stays as in the request.
  public struct Redirect: Hashable, Sendable {
    /// `http` or `https`.
    public var scheme: String?
    /// The host to go to.
    public var hostname: String?
    /// The port to go to.
    public var port: UInt16?
    /// The path to go to.
    public var path: PathEdit?
    /// 301, 302, 303, 307 or 308.
    public var status: UInt16

    /// A redirect.
    public init(
      scheme: String? = nil,
      hostname: String? = nil,
      port: UInt16? = nil,
      path: PathEdit? = nil,
      status: UInt16 = 302
    ) {
      self.scheme = scheme
      self.hostname = hostname
      self.port = port
      self.path = path
      self.status = status
    }
  }

  /// A change of the path; the query stays.
  public enum PathEdit: Hashable, Sendable {
    case replaceFull(String)
    /// The prefix that matched is replaced.
    case replacePrefix(String)
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
