internal import HTTP1
internal import Journal
internal import MeshModel
internal import Policy
internal import Tokens

extension RequestEvent {
  /// Which journal event a request's end is.
  var eventKind: EventKind {
    switch outcome {
    case .ok: .request
    case .denied: .requestDenied
    case .failed: .requestFailed
    }
  }

  /// The parser's word for what was wrong with the request, or that for what was wrong with its token.
  var detail: StaticString? { HeadFault(rawValue: fault)?.text ?? TokenFault(rawValue: tokenFault)?.text }
  /// Whether the upstream was picked from the mesh's endpoints, and is not the original destination.
  private var isEndpointPicked: Bool { backend >= 0 || servicePort >= 0 }
  fileprivate var endpoint: SocketAddress? { isEndpointPicked && !upstream.ip.isUnspecified ? upstream : nil }
}

extension JournalEntry {
  /// The fields of design section 6 that a request has.
  mutating func append(_ event: RequestEvent, _ words: RequestWords) {
    open("MESSAGE")
    write(event, words)
    close()
    append("WEFT_DIRECTION", event.direction.rawValue)
    append("WEFT_CONNECTION_ID", event.connection.text)
    append("WEFT_REQUEST_NUMBER", event.number)
    append("WEFT_SOURCE", event.source)
    append("WEFT_ORIGINAL_DESTINATION", event.destination)
    if !event.upstream.ip.isUnspecified { append("WEFT_UPSTREAM", event.upstream) }
    if let endpoint = event.endpoint { append("WEFT_ENDPOINT", endpoint) }
    appendTexts(event)
    if event.status > 0 { append("WEFT_STATUS", event.status) }
    if let code = event.grpcCode { append("WEFT_GRPC_STATUS", code.rawValue) }
    if let service = words.service { append("WEFT_SERVICE", service) }
    if let route = words.route { append("WEFT_ROUTE", route) }
    if let backend = words.backend { append("WEFT_BACKEND", backend) }
    if let verdict = words.verdict { append(verdict) }
    append("WEFT_REASON", event.end.text)
    if let detail = event.detail { append("WEFT_DETAIL", detail) }
    append("WEFT_FLAGS", event.flags.text)
    if event.code != 0 { append("ERRNO", event.code) }
    if event.retries > 0 { append("WEFT_RETRIES", event.retries) }
    append("WEFT_BYTES_SENT", event.bytesSent)
    append("WEFT_BYTES_RECEIVED", event.bytesReceived)
    append("WEFT_DURATION_US", event.duration_ns / 1000)
    if event.firstByte_ns > 0 { append("WEFT_FIRST_BYTE_US", event.firstByte_ns / 1000) }
    appendTrace(event)
  }

  /// What the client sent, byte for byte: the journal's own form keeps it from being anything but a value.
  private mutating func appendTexts(_ event: RequestEvent) {
    event.withTexts { authority, method, target in
      append("WEFT_PROTOCOL", event.isOverHTTP2 ? "http/2" : "http/1")
      append("WEFT_METHOD", bytes: method)
      if authority.count > 0 {
        open("WEFT_AUTHORITY")
        write(bytes: authority)
        if event.isAuthorityCut { write("…") }
        close()
      }
      open("WEFT_PATH")
      write(bytes: target)
      if event.isCut { write("…") }
      close()
    }
  }

  private mutating func append(_ verdict: RequestVerdictWords) {
    append(verdict.description)
    if let policy = verdict.dryRunPolicy { append("WEFT_DRY_RUN_POLICY", policy) }
    if let policy = verdict.auditPolicy { append("WEFT_AUDIT_POLICY", policy) }
  }

  private mutating func appendTrace(_ event: RequestEvent) {
    guard let trace = event.traceText else { return }
    append("WEFT_TRACE_ID", trace)
    append("WEFT_SPAN_ID", event.span.sixteenDigits)
    if event.parentSpan != 0 { append("WEFT_PARENT_SPAN_ID", event.parentSpan.sixteenDigits) }
  }

  /// One line a person can read:
  /// `outbound 10.0.0.1:4711 -> shop/web:80: GET web/items 503 no-endpoint, 0 bytes up, 19 bytes down, 3 ms`.
  private mutating func write(_ event: RequestEvent, _ words: RequestWords) {
    write(event.direction.rawValue)
    write(" ")
    write(event.source)
    write(" -> ")
    if let service = words.service { write(service) } else { write(event.destination) }
    write(": ")
    event.withTexts { authority, method, target in
      write(readable: method)
      write(" ")
      write(readable: authority)
      write(readable: target)
      if event.isCut { write("…") }
    }
    write(" ")
    if event.status > 0 { write(event.status) } else { write("unanswered") }
    if let code = event.grpcCode {
      write(" grpc ")
      write(code.rawValue)
    }
    write(" ")
    write(event.end.text.description)
    if let reason = reason(event, words) {
      write(" (")
      write(reason)
      write(")")
    }
    writeTotals(up: event.bytesReceived, down: event.bytesSent, duration_ns: event.duration_ns)
  }

  /// Who denied it and why, or what was wrong with it.
  private func reason(_ event: RequestEvent, _ words: RequestWords) -> String? {
    if let verdict = words.verdict?.description, verdict.decision == .deny {
      return verdict.policy.isEmpty ? verdict.reason : "\(verdict.policy): \(verdict.reason)"
    }
    return event.detail?.description
  }

  /// A client's bytes in a line for people: what is not printable ASCII shows as a question mark, since a single such
  /// byte would make journalctl hide the whole message. WEFT_PATH and the like have the bytes as they came.
  private mutating func write(readable bytes: UnsafeRawBufferPointer) {
    withUnsafeTemporaryAllocation(byteCount: bytes.count, alignment: 1) { copy in
      for (index, byte) in bytes.enumerated() {
        copy[index] = (0x21...0x7e).contains(byte) ? byte : UInt8(ascii: "?")
      }
      write(bytes: UnsafeRawBufferPointer(copy))
    }
  }
}

extension RequestEvent {
  /// Thirty-two hexadecimal digits (W3C Trace Context, trace-id); nil where the request was not traced.
  var traceText: String? { traceHigh | traceLow == 0 ? nil : traceHigh.sixteenDigits + traceLow.sixteenDigits }
}

extension UInt64 {
  /// As W3C Trace Context writes a span: sixteen lower-case hexadecimal digits.
  var sixteenDigits: String {
    let digits = String(self, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }
}
