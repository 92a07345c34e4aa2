internal import Balancing
internal import HTTP1
internal import MeshModel
internal import Policy
internal import Reactor

/// The service port that a request leaving the pod is for, by the rules in force.
struct RequestedPort: BitwiseCopyable {
  /// By the name it asks for.
  var named: Int?
  /// By its name, or else by the address dialled.
  var index: Int?
}

extension Worker {
  /// Looks up whom the request that lies in `http.request` is for.
  func requestedPort(_ client: UnsafeMutablePointer<HTTPClient>) -> RequestedPort {
    guard let rules = http.shelf.inForce else { return RequestedPort() }
    let destination = client.pointee.destination
    return rules._withUnsafeGuaranteedRef { rules in
      let named = rules.table.port(named: http.request[http.request.host], destination.port)
      return RequestedPort(named: named, index: named ?? rules.table.port(at: destination))
    }
  }

  /// A request leaves the pod: which service it is for, which rule takes it, where it goes.
  func routeOutbound(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ exchange: UnsafeMutablePointer<Exchange>,
    _ port: RequestedPort
  ) -> RequestDecision {
    // A program cannot vouch for who it is: that is the proxies' to say.
    http.request.fields.drop(FieldNameSet.identity)
    guard http.request.hops < HopCount.limit else { return refuse(.loop) }
    guard let rules = http.shelf.inForce else { return .forward(passing(client)) }
    return rules._withUnsafeGuaranteedRef { routeOutbound(client, exchange, port, $0.table) }
  }

  private func routeOutbound(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ exchange: UnsafeMutablePointer<Exchange>,
    _ requested: RequestedPort,
    _ table: RequestTable
  ) -> RequestDecision {
    guard let port = requested.index else {
      exchange.pointee.triesLeft = RequestLimit.connectRetries
      return table.outboundMode == .registryOnly ? refuse(.unknownName) : .forward(passing(client))
    }
    exchange.pointee.event.servicePort = Int32(port)
    http.retries.deposit(now_ns: now_ns)
    let choice = table.route(port, http.request, draw: http.random.next(), scratch: patterns)
    var plan = passing(client)
    plan.table = table
    plan.isKnown = true
    plan.isNamed = requested.named != nil
    switch choice {
    case .direct:
      exchange.pointee.event.backend = Int32(port)
      exchange.pointee.triesLeft = RequestLimit.connectRetries
    case .noRule: return refuse(.noRoute)
    case .noBackend(let rule):
      exchange.pointee.event.rule = Int32(rule)
      return refuse(.noBackend)
    case .rule(let rule, let backend, let entry):
      exchange.pointee.event.rule = Int32(rule)
      if table.rules[rule].redirect != nil { return redirect(rule, table) }
      exchange.pointee.event.backend = backend
      exchange.pointee.backendEntry = entry
      follow(rule, table, exchange)
      plan.rule = rule
      plan.backendEntry = Int(entry)
      plan.rewritesTarget = table.rules[rule].path != nil
    }
    if let fault = table.fault(choice, port: port) {
      if fault.abortStatus > 0, http.random.chance(partsPerMillion: fault.abortPartsPerMillion) {
        return .answer(LocalAnswer(status: fault.abortStatus, end: .aborted, flags: .faultInjected))
      }
      if fault.delay_ns > 0, http.random.chance(partsPerMillion: fault.delayPartsPerMillion) {
        plan.delay_ns = fault.delay_ns
      }
    }
    return .forward(plan)
  }

  /// The request goes on as it is.
  func passing(_ client: UnsafeMutablePointer<HTTPClient>) -> RequestPlan {
    RequestPlan(path: http.request.forwardedPath)
  }

  /// What a rule asks of time and tries.
  private func follow(_ rule: Int, _ table: RequestTable, _ exchange: UnsafeMutablePointer<Exchange>) {
    if table.rules[rule].requestTimeout_ns > 0 {
      exchange.pointee.deadline_ns = exchange.pointee.started_ns &+ table.rules[rule].requestTimeout_ns
    }
    exchange.pointee.tryTimeout_ns = table.rules[rule].backendTimeout_ns
    exchange.pointee.triesLeft = RequestLimit.connectRetries
    if let retry = table.rules[rule].retry {
      exchange.pointee.triesLeft = retry.attempts
      exchange.pointee.backoff_ns = retry.backoff_ns
      exchange.pointee.isRetryWanted = true
    }
  }

  private func redirect(_ rule: Int, _ table: RequestTable) -> RequestDecision {
    let status = table.rules[rule].redirect?.status ?? RequestEnd.redirected.status
    return .answer(LocalAnswer(status: status, end: .redirected, redirectRule: Int32(rule)))
  }

  /// The request is answered here, as its end always is.
  func refuse(_ end: RequestEnd) -> RequestDecision {
    .answer(LocalAnswer(status: end.status, end: end, flags: end.flags))
  }
}

extension RequestHead {
  /// The target's path as it is forwarded: `/` where an absolute target has none, and `*` where it is OPTIONS that asks
  /// so of a whole server (RFC 9112 section 3.2.4).
  var forwardedPath: UnsafeRawBufferPointer {
    if path.isEmpty, form == .absolute {
      let root: StaticString = method == .options && !hasQuery ? "*" : "/"
      return UnsafeRawBufferPointer(start: root.utf8Start, count: 1)
    }
    return self[path]
  }
}
