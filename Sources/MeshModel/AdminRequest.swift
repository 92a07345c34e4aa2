/// What can be asked of a proxy's admin socket: request targets, made by `weft` and read by `weft-proxy`.
public enum AdminRequest: Hashable, Sendable {
  /// `GET /v1/status` -> `ProxyStatus`
  case status
  /// `GET /v1/connections?limit=N` -> `ConnectionList`
  case connections(limit: Int)
  /// `GET /v1/connections/ID` -> `ConnectionDetail`
  case connection(id: String)
  /// `GET /v1/explain?direction=D&from=ADDRESS&to=ADDRESS:PORT` -> `Explanation`. Who dials may be left out
  /// where the workload itself does.
  case explain(Direction, from: IPAddress?, to: SocketAddress)
  /// `GET /v1/explain-request?direction=D&from=ADDRESS&to=ADDRESS:PORT&method=M&url=U&header=NAME: VALUE`, values
  /// percent-encoded and `header` as often as needed -> `RequestExplanation` outbound, `InboundExplanation` inbound.
  case explainRequest(RequestQuestion)
  /// `GET /v1/explain-server-name?name=N&port=P&to=ADDRESS:PORT`, values percent-encoded -> `ServerNameExplanation`
  case explainServerName(ServerNameQuestion)
  /// `GET /v1/requests` -> `RequestTotals`
  case requests
  /// `GET /v1/edges` -> `EdgeList`
  case edges
  /// `GET /v1/peers?limit=N` -> `PeerList`
  case peers(limit: Int)
  /// `GET /v1/tap?after=N&limit=M` and the filter's values -> `TapReply`. It makes the proxy keep the requests of the
  /// next five seconds; without `after` it tells only where those begin.
  case tap(after: UInt64?, limit: Int, TapFilter)

  /// Connections listed where no limit is asked for, and the most there can be: some 4 MiB of JSON.
  public static let defaultLimit = 1_000, maxLimit = 10_000

  /// The request target (RFC 9112 section 3.2.1).
  public var target: String {
    switch self {
    case .status: "/v1/status"
    case .connections(let limit): "/v1/connections?limit=\(limit)"
    case .connection(let id): "/v1/connections/\(id)"
    case .explain(let direction, let from, let to):
      "/v1/explain?direction=\(direction.rawValue)\(from.map { "&from=\($0)" } ?? "")&to=\(to)"
    case .explainRequest(let question): Self.questionTarget(question)
    case .explainServerName(let question): Self.serverNameTarget(question)
    case .requests: "/v1/requests"
    case .edges: "/v1/edges"
    case .peers(let limit): "/v1/peers?limit=\(limit)"
    case .tap(let after, let limit, let filter): Self.tapTarget(after, limit, filter)
    }
  }

  /// Whether a connection can be called so: what needs no escaping in a target.
  public static func isConnectionID(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }

  /// Reads a target; the error is for the reply.
  public init(target: String) throws(AdminError) {
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    // The one that may say a name twice.
    if parts[0] == "/v1/explain-request" {
      self = try Self.question(parts.count > 1 ? parts[1] : "")
      return
    }
    let query = try Self.query(parts.count > 1 ? parts[1] : "")
    switch parts[0].split(separator: "/", omittingEmptySubsequences: false) {
    case ["", "v1", "status"]: self = .status
    case ["", "v1", "connections"]: self = .connections(limit: try Self.limit(query["limit"]))
    case let path where path.count == 4 && path[1] == "v1" && path[2] == "connections":
      guard Self.isConnectionID(String(path[3])) else { throw AdminError("\"\(path[3])\" is not a connection id") }
      self = .connection(id: String(path[3]))
    case ["", "v1", "explain"]: self = try Self.explain(query)
    case ["", "v1", "explain-server-name"]: self = try Self.explainServerName(query)
    case ["", "v1", "requests"]: self = .requests
    case ["", "v1", "edges"]: self = .edges
    case ["", "v1", "peers"]: self = .peers(limit: try Self.limit(query["limit"]))
    case ["", "v1", "tap"]: self = try Self.tap(query)
    default:
      throw AdminError(
        "there is no \(parts[0]); there are /v1/status, /v1/connections, /v1/requests, /v1/edges, /v1/peers, /v1/tap, "
          + "/v1/explain, /v1/explain-request and /v1/explain-server-name"
      )
    }
  }

  private static func query(_ text: Substring) throws(AdminError) -> [String: String] {
    var values: [String: String] = [:]
    for pair in text.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, values.updateValue(String(parts[1]), forKey: String(parts[0])) == nil else {
        throw AdminError("\"\(pair)\" is not a parameter, or is given twice")
      }
    }
    return values
  }

  private static func limit(_ text: String?) throws(AdminError) -> Int {
    guard let text else { return defaultLimit }
    guard let limit = Int(text), (1...maxLimit).contains(limit) else {
      throw AdminError("limit \"\(text)\" is not a number from 1 to \(maxLimit)")
    }
    return limit
  }

  private static func explain(_ query: [String: String]) throws(AdminError) -> AdminRequest {
    guard let direction = Direction(rawValue: query["direction"] ?? "") else {
      throw AdminError("direction must be inbound or outbound")
    }
    guard let to = SocketAddress(query["to"] ?? ""), to.port > 0 else {
      throw AdminError("to must be an address and port such as 192.0.2.1:80 or [2001:db8::1]:80")
    }
    guard let text = query["from"] else {
      guard direction == .outbound else { throw AdminError("from is missing: who dials the workload?") }
      return .explain(direction, from: nil, to: to)
    }
    guard let from = IPAddress(text) ?? SocketAddress(text)?.ip else {
      throw AdminError("from must be an address such as 192.0.2.1 or 2001:db8::1, with or without a port")
    }
    return .explain(direction, from: from, to: to)
  }
}
