extension HTTPRoute {
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
}
