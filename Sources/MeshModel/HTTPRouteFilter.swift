extension HTTPRoute {
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
}
