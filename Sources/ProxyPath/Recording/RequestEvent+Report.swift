internal import HTTP1
internal import MeshModel
internal import Policy

extension RequestReport {
  /// What an event says, for whoever taps. `time_ms` is Unix time.
  init(_ event: RequestEvent, _ words: RequestWords, _ program: ProcessReport?, time_ms: Int64) {
    let texts = event.withTexts { authority, method, target in
      (
        authority: String(decoding: authority, as: UTF8.self),
        method: String(decoding: method, as: UTF8.self),
        target: String(decoding: target, as: UTF8.self)
      )
    }
    self.init(
      timeMs: time_ms,
      connection: event.connection.text,
      number: event.number,
      direction: event.direction,
      source: event.source,
      originalDestination: event.destination,
      method: texts.method,
      authority: texts.authority,
      path: texts.target,
      status: event.status > 0 ? event.status : nil,
      outcome: event.outcome,
      reason: event.end.text.description,
      flags: event.flags.text
    )
    grpcStatus = event.grpcCode?.rawValue
    upstream = event.upstream.ip.isUnspecified ? nil : event.upstream
    isCut = event.isCut
    detail = event.detail?.description
    service = words.service
    route = words.route
    backend = words.backend
    verdict = words.verdict?.description
    dryRunPolicy = words.verdict?.dryRunPolicy
    auditPolicy = words.verdict?.auditPolicy
    retries = Int(event.retries)
    durationUs = event.duration_ns / 1000
    firstByteUs = event.firstByte_ns > 0 ? event.firstByte_ns / 1000 : nil
    bytesSent = event.bytesSent
    bytesReceived = event.bytesReceived
    traceID = event.traceText
    spanID = traceID.map { _ in event.span.sixteenDigits }
    process = program
  }
}
