import Glibc
import MeshDocuments
import MeshModel

/// A request with the proxy that told of it.
struct TappedRequest: Encodable, Equatable {
  let proxy: String
  let request: RequestReport

  private enum Key: CodingKey { case proxy }

  /// The report's own keys, and `proxy` beside them: one flat object a line.
  func encode(to encoder: any Encoder) throws {
    try request.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(proxy, forKey: .proxy)
  }
}

/// Prints requests as they come, in the form asked for.
struct TapPrinter {
  let output: OutputFormat
  let showsProxy: Bool

  /// A request that cannot be encoded ends the command: it would be one that nobody sees.
  func print(_ tapped: TappedRequest) throws(CommandFailure) {
    do {
      switch output {
      case .table: Swift.print(TapLine(tapped: tapped, showsProxy: showsProxy).text(.ofStandardOutput))
      case .json: Swift.print(String(decoding: try AdminJSON.encode(tapped), as: UTF8.self))
      case .yaml: Swift.print("---\n\(try YAMLText.encode(tapped))", terminator: "")
      }
    } catch {
      throw CommandFailure(CommandFailure.failed, "request \(tapped.request.sequence) cannot be printed: \(error)")
    }
  }
}

/// One request as people read it:
/// `03:35:27.120 outbound 10.0.0.1:4711 (curl) GET web/items 503 no-endpoint 3.4ms shop/web:80 -> 10.0.0.3:8080`.
struct TapLine {
  let tapped: TappedRequest
  let showsProxy: Bool

  func text(_ style: Style) -> String {
    let request = tapped.request
    var words = [style.faint(Self.time(request.timeMs))]
    if showsProxy { words.append(style.strong(Printable.text(tapped.proxy))) }
    words.append(request.direction.rawValue)
    words.append("\(request.source)")
    if let program = request.process?.comm { words.append("(\(Printable.text(program)))") }
    let url = Printable.text(request.authority + request.path)
    words.append("\(style.strong(Printable.text(request.method))) \(url)\(request.isCut ? "…" : "")")
    words.append(status(style))
    words.append(Self.duration(microseconds: request.durationUs))
    words.append(Printable.text(request.service ?? "unknown"))
    if let backend = request.backend { words.append("as \(Printable.text(backend))") }
    if let upstream = request.upstream { words.append("-> \(upstream)") }
    if let route = request.route { words.append(style.faint("by \(Printable.text(route))")) }
    if let peer { words.append(style.faint("with \(Printable.text(peer))")) }
    if request.flags != "-" { words.append("[\(Printable.text(request.flags))]") }
    if request.retries > 0 { words.append("after \(Amounts.count(request.retries, "retry", "retries"))") }
    if let reason { words.append(style.bad("(\(Printable.text(reason)))")) }
    return words.joined(separator: " ")
  }

  private func status(_ style: Style) -> String {
    let request = tapped.request
    let call = request.grpcStatus.map { " grpc \($0)" } ?? ""
    let code = (request.status.map { "\($0)" } ?? "unanswered") + call
    guard request.outcome == .ok else {
      let word = Printable.text(request.reason)
      return style.bad(word == "finished" ? code : "\(code) \(word)")
    }
    return (request.status ?? 0) < 400 ? style.good(code) : code
  }

  /// Who was at the other end, as mutual TLS has proved it, by which TLS.
  private var peer: String? {
    let request = tapped.request
    let other = request.direction == .inbound ? request.sourceIdentity : request.destinationIdentity
    guard let other else { return nil }
    let words = [other, request.tlsVersion, request.tlsResumed == true ? "resumed" : nil]
    return words.compactMap { $0 }.joined(separator: " ")
  }

  /// Who denied it and why, or what was wrong with it.
  private var reason: String? {
    if let verdict = tapped.request.verdict, verdict.decision == .deny {
      return verdict.policy.isEmpty ? verdict.reason : "\(verdict.policy): \(verdict.reason)"
    }
    return tapped.request.detail
  }

  /// The time of day where `weft` runs: `03:35:27.120`.
  static func time(_ unix_ms: Int64) -> String {
    var seconds = time_t(unix_ms / 1000)
    var parts = tm()
    localtime_r(&seconds, &parts)
    let clock = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { padded("\($0)", 2) }.joined(separator: ":")
    return "\(clock).\(padded("\(unix_ms % 1000)", 3))"
  }

  /// `350us`, `3.4ms`, `120ms`, `1.2s`.
  static func duration(microseconds: UInt64) -> String {
    switch microseconds {
    case ..<1_000: "\(microseconds)us"
    case ..<10_000: "\(microseconds / 1_000).\(microseconds / 100 % 10)ms"
    case ..<1_000_000: "\(microseconds / 1_000)ms"
    default: "\(microseconds / 1_000_000).\(microseconds / 100_000 % 10)s"
    }
  }

  private static func padded(_ digits: String, _ width: Int) -> String {
    String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
