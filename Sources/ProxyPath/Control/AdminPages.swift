internal import Journal
internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor

/// What the control thread answers on its three listeners.
extension Control {
  func answer(_ request: HTTPRequest, _ role: HTTPExchange.Role, _ exchange: inout HTTPExchange) -> HTTPResponse {
    guard request.method == "GET" || request.method == "HEAD" || role == .admin else {
      return .text(405, "Method Not Allowed", "only GET is served here")
    }
    switch role {
    case .health: return health(request)
    case .metrics:
      return request.path == "/metrics"
        ? HTTPResponse(200, "OK", type: "text/plain; version=0.0.4", body: metricsText())
        : .text(404, "Not Found", "GET /metrics")
    case .admin: return admin(request, &exchange)
    }
  }

  /// `/live`: the process runs its loop. `/ready`: it takes new work; false from the moment a drain begins.
  private func health(_ request: HTTPRequest) -> HTTPResponse {
    switch request.path {
    case "/live": .text(200, "OK", "live")
    case "/ready": isReady ? .text(200, "OK", "ready") : .text(503, "Service Unavailable", "draining")
    default: .text(404, "Not Found", "GET /live or /ready")
    }
  }

  private func admin(_ request: HTTPRequest, _ exchange: inout HTTPExchange) -> HTTPResponse {
    guard let peer = UnixSocket.peer(of: exchange.socket), peer.uid == 0 || peer.uid == ProcessIdentity.uid else {
      return problem(403, "Forbidden", "the admin socket answers root and the proxy's own user only")
    }
    if request.method == "POST" { return command(request) }
    switch request.path {
    case "/v1/status": return json(status())
    case "/v1/connections": return connections(request)
    case "/v1/explain": return explain(request)
    case "/v1/listeners": return handOver(&exchange)
    case "/metrics": return HTTPResponse(200, "OK", type: "text/plain; version=0.0.4", body: metricsText())
    default:
      let prefix = "/v1/connections/"
      guard request.path.hasPrefix(prefix) else {
        return problem(404, "Not Found", "no such page: /v1/status, /v1/connections, /v1/explain, /metrics")
      }
      return connection(String(request.path.dropFirst(prefix.count)))
    }
  }

  private func command(_ request: HTTPRequest) -> HTTPResponse {
    switch request.path {
    case "/v1/retire":
      retire()
      return .text(200, "OK", "draining; the listening sockets are yours")
    case "/v1/drain":
      drain()
      return .text(200, "OK", "draining")
    default: return problem(404, "Not Found", "POST /v1/drain")
    }
  }

  private func connections(_ request: HTTPRequest) -> HTTPResponse {
    let limit = request.query["limit"].flatMap { Int($0) } ?? 1000
    guard (1...ConnectionSurvey.limit).contains(limit) else {
      return problem(400, "Bad Request", "limit must be between 1 and \(ConnectionSurvey.limit)")
    }
    guard let found = fleet.survey(limit: limit) else { return stuck }
    let sorted = found.connections.sorted { $0.age_ns > $1.age_ns }
    return json(
      ConnectionList(
        connections: sorted.prefix(limit).map(report), truncated: found.truncated || sorted.count > limit))
  }

  private func connection(_ text: String) -> HTTPResponse {
    guard let number = UInt64(text, radix: 16), text.utf8.count == 16 else {
      return problem(400, "Bad Request", "\"\(text)\" is not a connection id: sixteen hexadecimal digits")
    }
    guard let found = fleet.survey(limit: 1, only: ConnectionID(rawValue: number)) else { return stuck }
    guard let connection = found.connections.first else {
      return problem(
        404, "Not Found",
        "connection \(text) is not open; if it was, journalctl WEFT_CONNECTION_ID=\(text) tells its end")
    }
    let peer = connection.direction == .inbound ? connection.source.ip : connection.destination.ip
    return json(
      ConnectionDetail(
        connection: report(connection),
        explanation: snapshots.table.explain(
          connection.direction, peer: peer, port: connection.destination.port, transport: .tcp)))
  }

  private func explain(_ request: HTTPRequest) -> HTTPResponse {
    let direction = Direction(rawValue: request.query["direction"] ?? "outbound")
    guard let direction else { return problem(400, "Bad Request", "direction is inbound or outbound") }
    guard let to = request.query["to"].flatMap({ SocketAddress($0) }) else {
      return problem(400, "Bad Request", "to must be ADDRESS:PORT, such as 192.0.2.1:80 or [2001:db8::1]:80")
    }
    var peer = to.ip
    if direction == .inbound {
      let from = request.query["from"] ?? ""
      guard let ip = IPAddress(from) ?? SocketAddress(from)?.ip else {
        return problem(400, "Bad Request", "from must be an address: an inbound verdict depends on who asks")
      }
      peer = ip
    }
    return json(snapshots.table.explain(direction, peer: peer, port: to.port, transport: .tcp))
  }

  private func report(_ connection: LiveConnection) -> ConnectionReport {
    ConnectionReport(
      id: connection.id.text, direction: connection.direction, source: connection.source,
      originalDestination: connection.destination, upstream: connection.isConnecting ? nil : connection.destination,
      verdict: snapshots.table.describe(connection.verdict), protocol: connection.detected.text.description,
      sni: connection.serverName.isEmpty ? nil : String(decoding: connection.serverName, as: UTF8.self),
      bytesSent: connection.bytesSent, bytesReceived: connection.bytesReceived,
      ageMs: Int64(connection.age_ns / 1_000_000), process: recorder.process(of: connection.id))
  }

  // MARK: Replies

  private var stuck: HTTPResponse {
    problem(503, "Service Unavailable", "a worker did not answer within \(Fleet.answerTimeout_ms) ms")
  }

  private func json(_ value: some Encodable) -> HTTPResponse {
    guard let body = try? AdminJSON.encode(value) else {
      return problem(500, "Internal Server Error", "the reply could not be encoded")
    }
    return HTTPResponse(200, "OK", type: "application/json", body: body)
  }

  private func problem(_ status: Int, _ reason: String, _ message: String) -> HTTPResponse {
    let body = (try? AdminJSON.encode(AdminError(message))) ?? []
    return HTTPResponse(status, reason, type: "application/json", body: body)
  }
}
