internal import Balancing
internal import HTTP1
internal import Kernel
internal import MeshModel
internal import Reactor

extension Worker {
  /// Sets an exchange's timer to whatever it waits for first.
  func arm(_ place: Slot, _ exchange: UnsafeMutablePointer<Exchange>) {
    var next = exchange.pointee.deadline_ns == 0 ? UInt64.max : exchange.pointee.deadline_ns
    if exchange.pointee.tryDeadline_ns != 0 { next = min(next, exchange.pointee.tryDeadline_ns) }
    if let until_ns = exchange.pointee.pause.until_ns { next = min(next, until_ns) }
    if exchange.pointee.inquiry_ns != 0 { next = min(next, exchange.pointee.inquiry_ns) }
    if next == .max {
      http.deadlines.cancel(place.index)
    } else {
      http.deadlines.set(place.index, deadline: FineTick.after(next))
    }
  }

  /// A try begins: the route may bound it.
  func armTryDeadline(_ client: UnsafeMutablePointer<HTTPClient>, _ exchange: UnsafeMutablePointer<Exchange>) {
    guard exchange.pointee.tryTimeout_ns > 0 || exchange.pointee.deadline_ns > 0 || exchange.pointee.inquiry_ns > 0
    else { return }
    exchange.pointee.tryDeadline_ns =
      exchange.pointee.tryTimeout_ns > 0 ? now_ns &+ exchange.pointee.tryTimeout_ns : 0
    arm(client.pointee.exchange, exchange)
  }

  /// Acts on exchanges whose time has come.
  func expireDeadlines() {
    guard http.deadlines.count > 0 else { return }
    expired.removeAll(keepingCapacity: true)
    http.deadlines.advance(to: FineTick.at(now_ns), into: &expired)
    for index in expired {
      guard let place = http.exchanges.tenant(index), let exchange = http.exchanges.pointer(place),
        let client = http.clients.pointer(exchange.pointee.client)
      else { continue }
      let slot = exchange.pointee.client
      if case .again = timeHasCome(client, slot, exchange) { serveClient(slot) }
    }
  }

  private func timeHasCome(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    _ exchange: UnsafeMutablePointer<Exchange>
  ) -> ClientStep {
    if exchange.pointee.inquiry_ns != 0, now_ns >= exchange.pointee.inquiry_ns, hasClosed(client, exchange) {
      return endClient(slot, .clientReset, code: 0)
    }
    if exchange.pointee.deadline_ns != 0, now_ns >= exchange.pointee.deadline_ns {
      return timeOut(client, slot, exchange)
    }
    if let until_ns = exchange.pointee.pause.until_ns, now_ns >= until_ns {
      exchange.pointee.pause = .none
      return dispatchAgain(client, slot, exchange)
    }
    if exchange.pointee.tryDeadline_ns != 0, now_ns >= exchange.pointee.tryDeadline_ns {
      exchange.pointee.tryDeadline_ns = 0
      guard !exchange.pointee.isResponseStarted else { return timeOut(client, slot, exchange) }
      if exchange.pointee.upstream != .nowhere {
        http.targets[exchange.pointee.target].latency.observe(
          latency_ns: now_ns &- exchange.pointee.tried_ns,
          now_ns: now_ns
        )
        dropUpstream(exchange, code: 0)
      }
      return tryElsewhere(client, slot, exchange, .timeout, code: 0)
    }
    arm(client.pointee.exchange, exchange)
    return .waiting
  }

  /// The request's whole time is over.
  private func timeOut(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    _ exchange: UnsafeMutablePointer<Exchange>
  ) -> ClientStep {
    if exchange.pointee.upstream != .nowhere { dropUpstream(exchange, code: 0) }
    guard exchange.pointee.isResponseStarted else { return fail(client, slot, exchange, .timeout, code: 0) }
    exchange.pointee.event.end = .timeout
    exchange.pointee.event.flags.insert(.upstreamRequestTimeout)
    if exchange.pointee.isGRPC, exchange.pointee.responseFraming == .chunked {
      return endCall(client, slot, exchange, .deadlineExceeded)
    }
    finishRecord(client, exchange)
    return endClient(slot, .serverReset, code: 0)
  }

  /// Acts on clients whose timer came due: each has one, for whatever it waits for.
  func expireClients() {
    expired.removeAll(keepingCapacity: true)
    http.clientTimers.advance(to: tick, into: &expired)
    for index in expired {
      guard let slot = http.clients.tenant(index), let client = http.clients.pointer(slot) else { continue }
      switch client.pointee.phase {
      case .lingering: endClient(slot, .finished, code: 0)
      case .awaiting where client.pointee.headSince != 0 && passed(client.pointee.headSince, RequestLimit.headTicks):
        if case .again = refuseHead(client, slot, status: 408, .headTimeout, fault: RequestEvent.noFault) {
          serveClient(slot)
        }
      default: expireIdle(client, slot)
      }
    }
  }

  private func expireIdle(_ client: UnsafeMutablePointer<HTTPClient>, _ slot: Slot) {
    let since = client.pointee.lastActive
    let owesBody = owesBody(client)
    let limit = owesBody ? min(limits.idleTimeout_ticks, RequestLimit.bodyTicks) : limits.idleTimeout_ticks
    guard passed(since, limit) else {
      var due = since &+ limit
      if client.pointee.headSince != 0 {
        let head = client.pointee.headSince &+ RequestLimit.headTicks
        if Int32(bitPattern: head &- due) < 0 { due = head }
      }
      return http.clientTimers.set(slot.index, deadline: due)
    }
    guard let exchange = http.exchanges.pointer(client.pointee.exchange), !exchange.pointee.isResponseStarted else {
      return _ = endClient(slot, .idle, code: 0)
    }
    if exchange.pointee.upstream != .nowhere { dropUpstream(exchange, code: 0) }
    // Who is late is told apart: a client that owes the rest of its request (RFC 9110 section 15.5.9), or the endpoint.
    let status: UInt16 = owesBody ? 408 : RequestEnd.idle.status
    let reply = LocalAnswer(status: status, end: .idle, flags: RequestEnd.idle.flags)
    if case .again = answerHere(client, slot, exchange, reply) { serveClient(slot) }
  }

  /// The request's body is not here whole, and it is the client that everybody waits for. One that speaks HTTP/2 may: gRPC's
  /// streams say something when there is something to say.
  private func owesBody(_ client: UnsafeMutablePointer<HTTPClient>) -> Bool {
    guard let exchange = http.exchanges.pointer(client.pointee.exchange), !exchange.pointee.isRequestDone,
      !exchange.pointee.isResponseStarted, client.pointee.speech != .native,
      let upstream = http.upstreams.pointer(exchange.pointee.upstream)
    else { return false }
    return upstream.pointee.phase == .busy && upstream.pointee.backlog.isEmpty
  }

  /// Whether so many ticks have passed since `then`.
  private func passed(_ then: UInt32, _ ticks: UInt32) -> Bool { Int32(bitPattern: then &+ ticks &- tick) <= 0 }
}
