internal import Balancing
internal import HTTP1
internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor

/// Life of a request, once its head is whole and lies parsed in `http.request`, and the agent has been asked about what it
/// names and the rules do not know (`Lookups/HoldRequest.swift`). In order:
///
/// 1. `openExchange`            the record it will leave, the trace it belongs to
/// 2. `JudgeInbound.swift`      what comes to the pod: whose it is, tokens, authorization, rate limits
///    `RouteOutbound.swift`     what leaves it: the service by its name, the rule that takes it, faults
/// 3. `ComposeRequest.swift`    its bytes anew, from the parsed form
/// 4. `Dispatch.swift`          an endpoint, a connection to it
/// 5. `MoveExchange.swift`      the rest of its body, and the answer
/// 6. `FinishExchange.swift`    its one record; the connection serves the next
extension Worker {
  func begin(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    _ port: RequestedPort,
    _ rest: UnsafeRawBufferPointer
  ) -> ClientStep {
    if !http.request.isPersistent || isDraining { client.pointee.endsAfterAnswer = true }
    let place = openExchange(client, slot, isWhole: true)
    guard let exchange = http.exchanges.pointer(place) else { return .waiting }
    if client.pointee.hasSentFIN { inquireLater(client, exchange) }
    let decision =
      isRefusedConnect(client)
      ? refuse(.badRequest)
      : client.pointee.direction == .inbound ? judgeInbound(client, exchange) : routeOutbound(client, exchange, port)
    switch decision {
    case .answer(let reply):
      if client.pointee.dialled != .nowhere { giveUpDialled(client) }
      followTrace(&exchange.pointee.event, begins: true)
      // What follows a request that is answered here and has no body is the next one.
      if exchange.pointee.isRequestDone { client.pointee.held.append(rest, &pool) }
      return answerHere(client, slot, exchange, reply)
    case .forward(let plan):
      if exchange.pointee.isGRPC { boundCall(exchange) }
      followTrace(&exchange.pointee.event, begins: plan.isKnown)
      return forward(client, slot, exchange, plan, rest)
    }
  }

  /// A connection that a program asks for in a stream (RFC 9113 section 8.5): nobody could tell what would pass in it.
  private func isRefusedConnect(_ client: UnsafeMutablePointer<HTTPClient>) -> Bool {
    guard client.pointee.isOfProgram, http.request.method == .connect else { return false }
    client.pointee.endsAfterAnswer = true
    return true
  }

  /// Composes the request and what of its body is here, and sends it.
  private func forward(
    _ client: UnsafeMutablePointer<HTTPClient>,
    _ slot: Slot,
    _ exchange: UnsafeMutablePointer<Exchange>,
    _ plan: RequestPlan,
    _ rest: UnsafeRawBufferPointer
  ) -> ClientStep {
    var writer = HeadWriter(http.output)
    composeRequest(client.pointee, exchange.pointee, plan, into: &writer)
    let headCount = writer.count
    let moved = exchange.pointee.requestBody.move(
      rest,
      chunked: exchange.pointee.requestFraming == .chunked,
      trailers: &http.request.fields,
      bytes: &exchange.pointee.event.bytesReceived,
      into: &writer
    )
    guard case .moved(let consumed, let isOver) = moved else { return refuseBody(client, slot, exchange) }
    guard !writer.isOverflown else {
      client.pointee.endsAfterAnswer = true
      return answerHere(
        client,
        slot,
        exchange,
        LocalAnswer(status: 431, end: .badRequest, flags: .downstreamProtocolError)
      )
    }
    exchange.pointee.isRequestDone = isOver
    if !isOver {
      http.clientTimers.set(slot.index, deadline: tick &+ min(limits.idleTimeout_ticks, RequestLimit.bodyTicks))
    }
    if consumed < rest.count { client.pointee.held.append(UnsafeRawBufferPointer(rebasing: rest[consumed...]), &pool) }
    exchange.pointee.replay.append(writer.written, &pool)
    if let table = plan.table, plan.rule >= 0, !table.rules[plan.rule].mirrors.isEmpty {
      mirror(writer.written, headCount, table, plan.rule, isWhole: isOver, of: exchange, client.pointee.speech)
    }
    if plan.delay_ns > 0 {
      exchange.pointee.event.flags.insert(.delayInjected)
      exchange.pointee.pause = .delay(until_ns: now_ns &+ plan.delay_ns)
      arm(client.pointee.exchange, exchange)
      return .waiting
    }
    return dispatch(client, slot, exchange, writer.written)
  }

  /// Files a request: its record begins here. Without a head, which was refused, there is little to say of it.
  func openExchange(_ client: UnsafeMutablePointer<HTTPClient>, _ slot: Slot, isWhole: Bool) -> Slot {
    client.pointee.requests &+= 1
    let started_ns = client.pointee.headStarted_ns != 0 ? client.pointee.headStarted_ns : now_ns
    client.pointee.headStarted_ns = 0
    client.pointee.headSince = 0
    client.pointee.searched = 0
    let place = http.exchanges.insert(
      Exchange(
        event: RequestEvent(client.pointee, tableVersion: rulesVersion),
        client: slot,
        started_ns: started_ns,
        head: http.request,
        isWhole: isWhole,
        rules: http.shelf.borrow()
      )
    )
    if isWhole { http.exchanges.pointer(place)?.pointee.event.describe(http.request) }
    if client.pointee.speech == .native { http.exchanges.pointer(place)?.pointee.event.isOverHTTP2 = true }
    client.pointee.exchange = place
    client.pointee.phase = .exchanging
    return place
  }
}
