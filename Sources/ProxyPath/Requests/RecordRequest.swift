internal import Balancing
internal import HTTP1
internal import MeshModel
internal import Policy
internal import Reactor
internal import Telemetry

extension Worker {
  /// Counts a request, and hands its record over where one is wanted: always of what went wrong, of successes as sampled.
  /// `rules` are those it began under, by their place on the shelf.
  func recordRequest(_ event: inout RequestEvent, _ rules: UInt16) {
    counters.requests.ended(
      series: series(of: event, rules),
      method: Int(event.method.rawValue),
      status: event.status,
      grpcCode: event.grpcCode?.rawValue,
      end: Int(event.end.rawValue),
      latency_ns: event.firstByte_ns == 0 ? event.duration_ns : event.firstByte_ns,
      retries: UInt64(event.retries),
      received: event.bytesReceived,
      sent: event.bytesSent
    )
    let isTroubled = event.outcome != .ok || !event.flags.isEmpty
    event.isSampled = isTroubled || wantsSuccess(event.isSampled)
    event.isTapped = outbox.takesTap(now_ns: now_ns)
    if event.isSampled || event.isTapped { outbox.post(event) }
    if !event.isSampled { outbox.noteUnsampled() }
  }

  private func series(of event: borrowing RequestEvent, _ rules: UInt16) -> Int {
    guard rules == http.shelf.current else {
      let older = http.shelf.rules(rules)?.table
      return seriesCache.number(of: event.direction, port: event.servicePort, rule: event.rule, inOlder: older)
    }
    let table = http.shelf.inForce?._withUnsafeGuaranteedRef { $0.table }
    return seriesCache.number(event.direction, port: event.servicePort, rule: event.rule, table)
  }

  /// Whether a success is recorded: as the trace is sampled where a document says how much of it, else so many a second.
  private func wantsSuccess(_ isTraced: Bool) -> Bool {
    guard let rules = http.shelf.inForce else { return false }
    let telemetry = rules._withUnsafeGuaranteedRef { $0.table.telemetry }
    guard telemetry.recordsSuccesses else { return false }
    guard telemetry.sampledPartsPerMillion == nil else { return isTraced }
    if case .granted = http.successes.take(now_ns: now_ns) { return true }
    return false
  }
}

extension RequestEvent {
  /// A request of which nothing is known yet but who asks.
  init(_ client: borrowing HTTPClient, tableVersion: UInt32) {
    self.init(
      connection: client.id,
      number: client.requests,
      direction: client.direction,
      end: .finished,
      flags: [],
      method: .other,
      status: 0,
      isSampled: false,
      source: client.source,
      destination: client.destination,
      upstream: SocketAddress(IPAddress(high: 0, low: 0), port: 0),
      servicePort: -1,
      rule: -1,
      backend: -1,
      tableVersion: tableVersion,
      verdict: nil,
      proof: client.peer?.proof ?? .none,
      bytesSent: 0,
      bytesReceived: 0,
      duration_ns: 0,
      firstByte_ns: 0,
      traceHigh: 0,
      traceLow: 0,
      span: 0,
      parentSpan: 0,
      authorityCount: 0,
      methodCount: 0,
      targetCount: 0,
      isCut: false,
      text: InlineArray(repeating: 0)
    )
  }

  /// Takes down what the head says of itself; what is too long is cut.
  mutating func describe(_ head: borrowing RequestHead) {
    method = head.method
    keep(authority: head[head.authority], method: head[head.methodRange], target: head[head.targetRange])
  }
}
