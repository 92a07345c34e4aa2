internal import Journal
internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor

/// What the control thread answers on its three listeners.
extension Control {
  /// What a listener of this role answers.
  func answer(_ request: HTTPRequest, _ role: HTTPExchange.Role, _ exchange: inout HTTPExchange) -> HTTPResponse {
    guard !request.method.isEmpty else { return .text(400, "Bad Request", "that is no HTTP/1 request") }
    guard request.method == "GET" || request.method == "HEAD" || role == .admin else {
      return .text(405, "Method Not Allowed", "only GET is served here")
    }
    switch role {
    case .health: return health(request)
    case .metrics:
      return request.target == "/metrics" ? metrics : .text(404, "Not Found", "GET /metrics")
    case .admin: return admin(request, &exchange)
    }
  }

  /// `/live`: the process runs its loop. `/ready`: it takes new work; false from the moment a drain begins.
  private func health(_ request: HTTPRequest) -> HTTPResponse {
    switch request.target {
    case "/live": .text(200, "OK", "live")
    case "/ready": isReady ? .text(200, "OK", "ready") : .text(503, "Service Unavailable", "draining")
    default: .text(404, "Not Found", "GET /live or /ready")
    }
  }

  private func admin(_ request: HTTPRequest, _ exchange: inout HTTPExchange) -> HTTPResponse {
    guard Self.mayAsk(exchange) else {
      return problem(403, "Forbidden", "the admin socket answers root and the proxy's own user only")
    }
    guard Self.mayAct(request, exchange) else {
      return problem(
        403,
        "Forbidden",
        "this is answered within the proxy's own network namespace only: ask from its pod"
      )
    }
    switch (request.method, request.target) {
    case ("POST", "/v1/retire"):
      retire()
      return .text(200, "OK", "draining; the listening sockets are yours")
    case ("POST", "/v1/drain"):
      drain()
      return .text(200, "OK", "draining")
    case ("GET", "/v1/listeners"): return handOver(&exchange)
    case ("GET", "/v1/identity"): return handIdentityOver(&exchange)
    case ("GET", "/v1/names"): return handNamesOver(&exchange)
    case ("GET", "/v1/sources"): return handSourcesOver()
    case ("GET", "/metrics"): return metrics
    case ("GET", let target): return admin(target)
    default: return problem(405, "Method Not Allowed", "GET, or POST /v1/drain")
    }
  }

  private func admin(_ target: String) -> HTTPResponse {
    do {
      switch try AdminRequest(target: target) {
      case .status: return json(status())
      case .connections(let limit): return connections(limit)
      case .connection(let id): return connection(id)
      case .explain(let direction, let from, let to):
        let peer = direction == .inbound ? from ?? to.ip : to.ip
        return json(explain(direction, peer: peer, port: to.port))
      case .explainRequest(let question): return explain(question)
      case .explainServerName(let question): return explain(question)
      case .requests: return json(requestTotals())
      case .edges: return edges()
      case .peers(let limit): return peers(limit)
      case .tap(let after, let limit, let filter): return json(tapped(after: after, limit: limit, filter))
      }
    } catch {
      return problem(400, "Bad Request", error.error)
    }
  }

  // MARK: Replies

  private var metrics: HTTPResponse {
    HTTPResponse(200, "OK", type: "text/plain; version=0.0.4", body: metricsText())
  }

  var stuck: HTTPResponse {
    problem(503, "Service Unavailable", "a worker did not answer within \(Fleet.answerTimeout_ms) ms")
  }

  /// A page that programs read.
  func json(_ value: some Encodable) -> HTTPResponse {
    guard let body = try? AdminJSON.encode(value) else {
      return problem(500, "Internal Server Error", "the reply could not be encoded")
    }
    return HTTPResponse(200, "OK", type: "application/json", body: body)
  }

  /// A refusal, with a sentence for whoever asked.
  func problem(_ status: Int, _ reason: String, _ message: String) -> HTTPResponse {
    let body = (try? AdminJSON.encode(AdminError(message))) ?? []
    return HTTPResponse(status, reason, type: "application/json", body: body)
  }
}
