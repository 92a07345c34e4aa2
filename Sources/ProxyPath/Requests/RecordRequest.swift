internal import HTTP1
internal import MeshModel
internal import Policy
internal import Reactor

extension Worker {
  /// Counts a request, and hands its record over where one is wanted: always of what went wrong, of successes as sampled.
  func recordRequest(_ event: RequestEvent) {
    countRequest(event)
    if event.isTroubled || isTapped || wantsSuccess(event) { outbox.post(event) }
  }

  private func wantsSuccess(_ event: RequestEvent) -> Bool {
    guard let rules = http.shelf.inForce else { return takeSuccess() }
    let telemetry = rules._withUnsafeGuaranteedRef { $0.table.telemetry }
    guard telemetry.recordsSuccesses else { return false }
    return telemetry.sampledPartsPerMillion == nil ? takeSuccess() : event.isSampled
  }

  /// No document says what part of the successes is wanted: so many a second.
  private func takeSuccess() -> Bool {
    if case .granted = http.successes.take(now_ns: now_ns) { return true }
    counters.skippedSuccess()
    return false
  }
}

extension RequestEvent {
  /// Whether its record is always wanted.
  var isTroubled: Bool { end != .finished && end != .redirected || status >= 500 || !flags.isEmpty }

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
    var at = 0
    authorityCount = keep(head[head.authority], most: 80, &at)
    methodCount = head.method == .other ? keep(head[head.methodRange], most: 32, &at) : 0
    targetCount = keep(head[head.targetRange], most: Self.textCapacity, &at)
  }

  private mutating func keep(_ bytes: UnsafeRawBufferPointer, most: Int, _ at: inout Int) -> UInt8 {
    let count = min(bytes.count, most, Self.textCapacity - at)
    if count < bytes.count { isCut = true }
    guard count > 0, let start = bytes.baseAddress else { return 0 }
    let place = at
    withUnsafeMutableBytes(of: &text) { room in
      room.baseAddress.map { ($0 + place).copyMemory(from: start, byteCount: count) }
    }
    at += count
    return UInt8(truncatingIfNeeded: count)
  }
}
