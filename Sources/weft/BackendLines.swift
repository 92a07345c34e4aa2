import MeshModel

/// Where a request or a connection may go.
extension ExplanationLines {
  /// A backend: its share, what is done to what goes there, and its endpoints.
  mutating func add(_ backend: RequestExplanation.Backend, of what: String = "requests") {
    section("backend \(backend.service)", "weight \(backend.weight), \(Self.percent(backend.percent)) of \(what)")
    if !backend.problem.isEmpty { line(backend.problem) }
    for filter in backend.filters { line(filter) }
    table(backend.endpoints.map(Self.cells))
  }

  private static func cells(_ endpoint: RequestExplanation.EndpointPart) -> [String] {
    [
      endpoint.address.description, endpoint.isReady ? "ready" : "not ready",
      endpoint.zone.isEmpty ? "no zone" : "zone \(endpoint.zone)", endpoint.egress?.clause ?? "",
      endpoint.live.map(known) ?? "",
    ]
  }

  /// What the proxy knows of it.
  private static func known(_ live: LiveEndpoint) -> String {
    guard live.workers > 0 else { return "no worker has met it" }
    let passed = live.passedOverBy > 0 ? ", passed over by \(live.passedOverBy) of \(live.workers) workers" : ""
    return "\(tenths(live.latencyMs)) ms expected, \(live.pending) under way, \(live.idleConnections) idle connections"
      + passed
  }

  private static func percent(_ value: Double) -> String {
    let text = tenths(value)
    return (text.hasSuffix(".0") ? String(text.dropLast(2)) : text) + " %"
  }

  private static func tenths(_ value: Double) -> String {
    let tenths = Int64((min(max(value, 0), 1e12) * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }
}
