internal import Registry

/// Reads a check: the word `tcp`, `http` or `grpc`, or an object with one of these, `script` or `ttl`, and its times.
enum HealthCheckReader {
  private enum Word: String, CaseIterable { case tcp, http, grpc }
  private enum Start: String, CaseIterable { case passing, failing }
  private static let kinds = ["tcp", "http", "grpc", "script", "ttl"]
  private static let known = kinds + ["name", "interval", "timeout", "passes", "failures", "start"]
  /// What users of Kubernetes and Consul write.
  private static let advice = [
    "httpGet": "is called http here", "tcpSocket": "is called tcp here", "exec": "is called script here",
    "args": "is called script here", "periodSeconds": "is called interval here, as in interval: 10s",
    "timeoutSeconds": "is called timeout here, as in timeout: 1s", "successThreshold": "is called passes here",
    "failureThreshold": "is called failures here", "success_before_passing": "is called passes here",
    "failures_before_critical": "is called failures here",
    "initialDelaySeconds": "is not needed: a service is given no work before its checks pass",
  ]

  /// The check; nil after an error.
  static func read(_ field: Field) -> HealthCheck? {
    if field.written != nil {
      switch field.word(Word.self, "check") {
      case .tcp: return HealthCheck(.tcp(port: nil))
      case .http: return HealthCheck(.http(.init()))
      case .grpc: return HealthCheck(.grpc(port: nil, service: ""))
      case nil: return nil
      }
    }
    let errors = field.issues.errors
    guard let fields = field.object(known, advice: advice) else { return nil }
    let given = kinds.filter { fields[$0] != nil }
    guard let name = given.first, given.count == 1, let kindField = fields[name] else {
      if field.issues.errors == errors {
        field.error("is no check; wanted is exactly one of \(kinds.joined(separator: ", "))")
      }
      return nil
    }
    let kind = kind(name, kindField)
    let threshold = 1...CheckTiming.maxThreshold
    let interval_ms = fields["interval"].map { $0.milliseconds() } ?? CheckTiming.interval_ms
    let timeout_ms = fields["timeout"]?.milliseconds()
    let passes = fields["passes"].map { $0.integer(threshold, "a number of passes") } ?? CheckTiming.passes
    let failures = fields["failures"].map { $0.integer(threshold, "a number of failures") } ?? CheckTiming.failures
    let start = fields["start"].map { $0.word(Start.self, "state") } ?? .failing
    if name == "ttl" {
      for other in ["interval", "timeout", "passes", "failures"] {
        fields[other]?.error("means nothing beside ttl: a report counts at once")
      }
    }
    let checkName = fields["name"].map { $0.text() } ?? ""
    guard let kind, let interval_ms, let passes, let failures, let start, let checkName, field.issues.errors == errors
    else { return nil }
    return HealthCheck(
      name: checkName,
      kind,
      interval_ms: interval_ms,
      timeout_ms: timeout_ms,
      passes: passes,
      failures: failures,
      startsPassing: start == .passing
    )
  }

  private static func kind(_ name: String, _ field: Field) -> HealthCheck.Kind? {
    switch name {
    case "tcp": field.count == nil && field.written != nil ? field.port().map { .tcp(port: $0) } : remote(field)
    case "http": http(field)
    case "grpc": field.written != nil ? field.text().map { .grpc(port: nil, service: $0) } : grpc(field)
    case "script": .script(field.entries(limit: RegistryLimit.scriptWords) { $0.text() })
    default: field.milliseconds().map { .ttl($0) }
    }
  }

  private static func remote(_ field: Field) -> HealthCheck.Kind? {
    guard let fields = field.object(["port"]) else { return nil }
    return .tcp(port: fields["port"]?.port())
  }

  private static func grpc(_ field: Field) -> HealthCheck.Kind? {
    guard let fields = field.object(["port", "service"]) else { return nil }
    return .grpc(port: fields["port"]?.port(), service: fields["service"]?.text() ?? "")
  }

  /// A path, or an object.
  private static func http(_ field: Field) -> HealthCheck.Kind? {
    if field.written != nil { return field.text().map { .http(.init(path: $0)) } }
    guard let fields = field.object(["port", "path", "host", "statuses"]) else { return nil }
    let statuses = fields["statuses"].map { $0.entries(limit: RegistryLimit.statusRanges, range) }
    return .http(
      .init(
        port: fields["port"]?.port(),
        path: fields["path"]?.text() ?? "/",
        host: fields["host"]?.text() ?? "",
        statuses: statuses ?? HealthCheck.HTTP.defaultStatuses
      )
    )
  }

  private static func range(_ field: Field) -> ClosedRange<UInt16>? {
    let range = field.written.flatMap { HealthCheck.HTTP.range($0) }
    if range == nil { field.error("is not a status such as 200, or a range such as 200-399") }
    return range
  }
}
