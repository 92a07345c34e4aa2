internal import HTTP2
internal import Journal
internal import MeshModel
internal import Policy

extension PathEvent {
  /// Which journal event a connection's end is.
  var eventKind: EventKind {
    switch reason {
    case .finished, .clientReset, .badProtocol, .serverReset, .idle, .drained: .connectionClosed
    case .denied, .unidentified, .ownPort, .unknownName: .connectionDenied
    case .forbiddenByNewPolicy: .connectionEnded
    case .upstreamRefused, .upstreamUnreachable, .connectTimeout, .notCaptured, .overloaded, .noEndpoint,
      .noRoute:
      .connectionFailed
    case .loop: .loopRefused
    }
  }
}

extension JournalEntry {
  /// The fields of design section 6 that a connection has.
  mutating func append(_ event: PathEvent, verdict: VerdictDescription?, service: String? = nil, route: String? = nil) {
    open("MESSAGE")
    write(event, verdict)
    close()
    append("WEFT_DIRECTION", event.direction.rawValue)
    append("WEFT_CONNECTION_ID", event.id.text)
    append("WEFT_SOURCE", event.source)
    if event.hasDestination {
      append("WEFT_ORIGINAL_DESTINATION", event.destination)
      if event.wasDialled { append("WEFT_UPSTREAM", event.upstream) }
    }
    if let service {
      append("WEFT_SERVICE", service)
      if event.wasDialled { append("WEFT_ENDPOINT", event.upstream) }
    }
    if let route { append("WEFT_ROUTE", route) }
    append("WEFT_PROTOCOL", event.detected.text.text)
    if let hello = event.hello {
      if hello.pointee.nameCount > 0 { hello.pointee.withName { append("WEFT_SNI", bytes: $0) } }
      if hello.pointee.protocolsCount > 0 { hello.pointee.withProtocols { append("WEFT_ALPN", bytes: $0) } }
    }
    if let verdict { append(verdict) }
    append("WEFT_REASON", event.reason.text.text)
    if event.refusal != .none { append("WEFT_DETAIL", event.refusal.word.text) }
    append("WEFT_FLAGS", event.reason.flag.text)
    if event.isOfRequests { append("WEFT_REQUESTS", UInt64(event.requests)) }
    if event.code != 0 { append("ERRNO", event.code) }
    append("WEFT_BYTES_SENT", event.bytesSent)
    append("WEFT_BYTES_RECEIVED", event.bytesReceived)
    append("WEFT_DURATION_US", event.duration_ns / 1000)
    if event.connect_ns > 0 { append("WEFT_CONNECT_US", event.connect_ns / 1000) }
  }

  /// What was decided, by which policy, and why.
  mutating func append(_ verdict: VerdictDescription) {
    append("WEFT_VERDICT", verdict.decision.rawValue)
    if !verdict.policy.isEmpty { append("WEFT_POLICY", verdict.policy) }
    if !verdict.rule.isEmpty { append("WEFT_RULE", verdict.rule) }
    append("WEFT_VERDICT_REASON", verdict.reason)
  }

  /// The program that connected, as far as it is known.
  mutating func append(_ program: ProcessReport) {
    if let pid = program.pid { append("WEFT_PID", pid) }
    if let uid = program.uid { append("WEFT_UID", uid) }
    if let comm = program.comm { append("WEFT_COMM", comm) }
    if let cgroup = program.cgroup { append("WEFT_CGROUP", cgroup) }
  }

  /// One line a person can read: `outbound 10.0.0.1:4711 -> 10.0.0.2:80 http/1: finished, 120 bytes up, 4096 bytes down, 3 ms`.
  private mutating func write(_ event: PathEvent, _ verdict: VerdictDescription?) {
    write(event.direction.rawValue)
    write(" ")
    write(event.source)
    if event.hasDestination {
      write(" -> ")
      write(event.destination)
    }
    write(" ")
    write(event.detected.text.text)
    write(": ")
    write(event.reason.text.text)
    if let verdict, verdict.decision == .deny {
      write(" (")
      if !verdict.policy.isEmpty {
        write(verdict.policy)
        write(": ")
      }
      write(verdict.reason)
      write(")")
    }
    writeTotals(up: event.bytesReceived, down: event.bytesSent, duration_ns: event.duration_ns)
  }

  /// How a line for people ends, as `, 120 bytes up, 4096 bytes down, 3 ms`.
  mutating func writeTotals(up: UInt64, down: UInt64, duration_ns: UInt64) {
    write(", ")
    write(up)
    write(" bytes up, ")
    write(down)
    write(" bytes down, ")
    write(duration_ns / 1_000_000)
    write(" ms")
  }
}

extension PathEvent {
  /// A connection that was never redirected has none.
  fileprivate var hasDestination: Bool { !destination.ip.isUnspecified }
}

extension PathEvent {
  /// Whether there was an upstream: what is turned away at the door is not dialled.
  fileprivate var wasDialled: Bool {
    switch reason {
    case .denied, .unidentified, .ownPort, .loop, .notCaptured, .overloaded, .unknownName, .noEndpoint: false
    default: !isOfRequests
    }
  }
}

extension StaticString {
  fileprivate var text: String { description }
}
