import WeftTestKit

/// What a proxy made of a case, in words that can be compared: what the client got, what the server saw, and whether
/// the connection served the next request.
struct DifferentialOutcome: Equatable, Sendable {
  /// `200`, `100 200`, `400`; with what is wrong about it.
  let answers: [String]
  /// The server's messages but the probe.
  let requests: [String]
  /// Whether the probe got its own answer.
  let isKept: Bool
  /// Whether the proxy had not closed when time was up.
  let isHanging: Bool

  init(_ run: WireOutcome, of test: DifferentialCase) {
    var answers = WireAnswer.all(in: run.received, heads: test.isHead ? [0] : [])
    isKept = test.isProbed && answers.last?.status == 200 && answers.last?.text == "GET /probe"
    if isKept { answers.removeLast() }
    self.answers = answers.map { Self.describe($0) }
    requests = run.requests.filter { $0.target != "/probe" || $0.method != "GET" }.map {
      Self.describe($0, of: test)
    }
    isHanging = run.end == .open
  }

  /// One line of it, for the table.
  var text: String {
    var parts = [answers.isEmpty ? "no answer" : answers.joined(separator: " ")]
    parts.append(contentsOf: requests.map { "`\($0)`" })
    if isHanging { parts.append("hangs") } else { parts.append(isKept ? "kept" : "closed") }
    return parts.joined(separator: ", ")
  }

  private static func describe(_ answer: WireAnswer) -> String {
    guard answer.status > 0 else { return "raw bytes" }
    var text = String(answer.status)
    if answer.status == 101, !answer.body.isEmpty { text += " \"\(plain(answer.text).prefix(20))\"" }
    if !answer.isWhole { text += " cut" }
    return text
  }

  private static func describe(_ request: WireRequest, of test: DifferentialCase) -> String {
    var target = request.target
    if target.utf8.count > 40 { target = "\(target.prefix(12))… (\(target.utf8.count) bytes)" }
    var text = "\(request.method) \(target)"
    switch request.framing {
    case .none: break
    case .length: text += " + \(request.body.count) bytes"
    case .chunked: text += " + \(request.body.count) bytes" + (test.framesByChance ? "" : " in chunks")
    }
    for field in request.fields where test.watched.contains(field.name.lowercased()) {
      text += "; \(field.name.lowercased()): \(field.value)"
    }
    for field in request.trailers { text += "; trailer \(field.name.lowercased())" }
    return plain(text)
  }

  /// With a dot in the place of every byte that a table cannot show.
  private static func plain(_ text: String) -> String {
    String(text.unicodeScalars.map { (32..<127).contains($0.value) || $0.value > 255 ? Character($0) : "·" })
  }
}

extension DifferentialOutcome {
  /// Why this is not what the case asks for; nil where it is.
  func objection(to test: DifferentialCase) -> String? {
    let isRefused = (answers.last.flatMap { Int($0) }.map { (400..<600).contains($0) } ?? false) && !isKept
    switch test.expectation {
    case .forwarded(let messages):
      guard requests == messages else { return "the server got \(requests), not \(messages)" }
      let final = answers.filter { !$0.hasPrefix("1") }
      guard final == Array(repeating: "200", count: messages.count) else { return "the client got \(answers)" }
    case .refused:
      guard requests.isEmpty else { return "the server got \(requests)" }
      guard isRefused, answers.count == 1 else { return "not refused and closed: \(text)" }
    case .refusedAfter(let messages):
      guard requests == messages else { return "the server got \(requests), not \(messages)" }
      guard isRefused, answers.count == messages.count + 1 else { return "not refused and closed: \(text)" }
    case .answered(let status):
      guard requests.isEmpty, answers == [String(status)] else { return "not answered \(status): \(text)" }
    case .exactly(let wanted):
      guard text == wanted else { return "\(text), not \(wanted)" }
    }
    return isHanging ? "the connection hangs" : nil
  }
}
