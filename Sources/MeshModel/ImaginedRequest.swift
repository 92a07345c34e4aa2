/// A request that nobody sends: what `weft explain --request` asks about.
public struct ImaginedRequest: Codable, Hashable, Sendable {
  /// A header field, as it would be written.
  public struct Header: Codable, Hashable, Sendable {
    /// In whatever case.
    public var name: String
    /// Without whitespace around it.
    public var value: String

    /// A field; whitespace around the value is no part of it (RFC 9110 section 5.5).
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value.trimmingHeaderWhitespace()
    }
  }

  /// As in the request line; case matters.
  public let method: String
  /// The host that the request names, without the port; an IPv6 address in brackets.
  public let host: String
  /// The port that the request names; nil: none, which for http is 80.
  public let port: UInt16?
  /// Without the query.
  public let path: String
  /// What follows the `?`; nil where there is none.
  public let query: String?
  /// Without Host.
  public let headers: [Header]
  /// Where the program would connect to; nil: wherever the name leads.
  public let destination: SocketAddress?

  /// A request for `url`, such as `http://web.shop:8080/cart?item=7`. A Host among `headers` names another host than the
  /// URL, as it does for curl.
  public init(
    method: String = "GET",
    url: String,
    headers: [Header] = [],
    destination: SocketAddress? = nil
  ) throws(ImaginedRequestError) {
    guard url.lowercased().hasPrefix("http://") else { throw .notHTTP(url) }
    let rest = url.dropFirst("http://".count)
    guard !rest.contains("#") else { throw .fragment(url) }
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    let target = rest[authority.endIndex...]
    let named = headers.last { $0.name.lowercased() == "host" }?.value
    let (host, port) = try Self.split(named ?? String(authority))
    if named != nil { _ = try Self.split(String(authority)) }
    let path = target.prefix { $0 != "?" }
    self.method = method
    self.host = host
    self.port = port
    self.path = path.isEmpty ? "/" : String(path)
    self.query = path.endIndex == target.endIndex ? nil : String(target[target.index(after: path.endIndex)...])
    self.headers = headers.filter { $0.name.lowercased() != "host" }
    self.destination = destination
  }

  /// Host and port of an authority (RFC 3986 section 3.2), without user names.
  private static func split(_ authority: String) throws(ImaginedRequestError) -> (String, UInt16?) {
    let closing = authority.lastIndex(of: "]")
    let colon = authority.lastIndex(of: ":")
    var host = authority[...]
    var port: UInt16?
    if let colon, closing.map({ $0 < colon }) ?? true {
      host = authority[..<colon]
      let digits = authority[authority.index(after: colon)...]
      guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt16(digits) else {
        throw .port(authority)
      }
      port = number
    }
    guard !host.isEmpty, !host.contains("@") else { throw .host(authority) }
    return (String(host), port)
  }

  /// The request's target: the path and, where there is one, the query.
  public var target: String { query.map { "\(path)?\($0)" } ?? path }

  /// Host and port as the Host field would have them.
  public var authority: String { port.map { "\(host):\($0)" } ?? host }
}

/// Why a request could not be imagined.
public enum ImaginedRequestError: Error, Hashable, Sendable, CustomStringConvertible {
  case notHTTP(String)
  case fragment(String)
  case host(String)
  case port(String)

  /// One sentence: what was wrong and what would be right.
  public var description: String {
    switch self {
    case .notHTTP(let url): "\"\(url)\" does not begin with http://; wanted is http://HOST[:PORT]/PATH[?QUERY]"
    case .fragment(let url): "\"\(url)\" has a fragment (#), which no request carries"
    case .host(let text): "\"\(text)\" names no host; wanted is HOST or HOST:PORT"
    case .port(let text): "\"\(text)\" has no port between 0 and 65535 after its colon"
    }
  }
}

extension String {
  fileprivate func trimmingHeaderWhitespace() -> String {
    var rest = self[...]
    while let first = rest.first, first == " " || first == "\t" { rest.removeFirst() }
    while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
    return String(rest)
  }
}
