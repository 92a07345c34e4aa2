import WeftTestKit

/// An answer that a server gives byte for byte to a request through each proxy, with what RFC 9110 and 9112 ask of a
/// proxy. Once an answer is over, the client asks for `/probe` on the same connection.
struct DifferentialAnswer: Sendable {
  /// What weft may make of it.
  enum Expectation: Sendable {
    /// The client gets this, as `DifferentialReception` writes it.
    case exactly(String)
    /// The client gets 502 instead.
    case badGateway
    /// The client gets this status instead.
    case answered(Int)
    /// The client can tell that it did not get the whole, or anything.
    case brokenOff
  }

  /// What it is called in the table.
  let name: String
  let bytes: [UInt8]
  let expectation: Expectation
  /// The section that asks for it, and what it says.
  let why: String
  var method = "GET"
  var version = "HTTP/1.1"
  /// Whether the server closes behind it.
  var closes = false
  /// Whether the server's connection must not be used again behind it, though the server keeps it.
  var spoilsConnection = false
  /// Fields that are shown where the client gets them.
  var watched: [String] = []

  init(_ name: String, _ answer: String, expect expectation: Expectation, why: String) {
    self.name = name
    self.bytes = Array(answer.utf8)
    self.expectation = expectation
    self.why = why
  }

  func with<Value>(_ property: WritableKeyPath<DifferentialAnswer, Value>, _ value: Value) -> DifferentialAnswer {
    var copy = self
    copy[keyPath: property] = value
    return copy
  }

  var script: WireScript {
    let fields = version == "HTTP/1.0" ? "Connection: keep-alive\r\n" : ""
    let request = "\(method) /a \(version)\r\nHost: a.test\r\n\(fields)\r\n" + DifferentialCase.probe
    return WireScript(pieces: [Array(request.utf8)]) { [bytes, closes] index, request in
      if request.target == "/probe" { return .echo(request) }
      return closes ? .sayAndClose(bytes) : .say(bytes)
    }
  }
}

/// What a client got of such an answer.
struct DifferentialReception: Equatable, Sendable {
  let answers: [String]
  let isKept: Bool
  let isHanging: Bool

  init(_ run: WireOutcome, of test: DifferentialAnswer) {
    var answers = WireAnswer.all(in: run.received, heads: test.method == "HEAD" ? [0] : [])
    isKept = answers.count > 1 && answers.last?.status == 200 && answers.last?.text == "GET /probe"
    if isKept { answers.removeLast() }
    var texts = answers.map { Self.describe($0, watched: test.watched) }
    // How much of an answer arrives before a reset is chance.
    if Self.isBrokenOff(answers.last, run.end) {
      texts = texts.dropLast() + ["broken off"]
    }
    self.answers = texts
    isHanging = run.end == .open
  }

  var text: String {
    answers.joined(separator: ", ") + (isHanging ? ", hangs" : isKept ? ", kept" : ", closed")
  }

  /// Whether nothing came, or less than was announced. Without a length only a reset says that something is missing.
  private static func isBrokenOff(_ answer: WireAnswer?, _ end: WireOutcome.End) -> Bool {
    guard let answer else { return true }
    return answer.status > 0 && (!answer.isWhole || (answer.framing == .untilClose && end == .reset))
  }

  private static func describe(_ answer: WireAnswer, watched: [String]) -> String {
    guard answer.status > 0 else { return "raw bytes" }
    var text = String(answer.status)
    // What a proxy writes itself is its own affair.
    if answer.status < 500 {
      switch answer.framing {
      case .none: break
      case .length: text += answer.body.isEmpty ? " (empty)" : " `\(answer.text)`"
      case .chunked: text += (answer.body.isEmpty ? " (empty)" : " `\(answer.text)`") + " in chunks"
      case .untilClose: text += " `\(answer.text)` to the end"
      }
    }
    for field in answer.fields where watched.contains(field.name) { text += "; \(field.name): \(field.value)" }
    return text
  }

  /// Why this is not what the case asks for; nil where it is.
  func objection(to test: DifferentialAnswer) -> String? {
    if isHanging { return "the connection hangs" }
    switch test.expectation {
    case .exactly(let wanted): return text == wanted ? nil : "\(text), not \(wanted)"
    case .badGateway: return answers == ["502"] ? nil : "not 502: \(text)"
    case .answered(let status):
      return answers.count == 1 && answers[0].hasPrefix("\(status)") ? nil : "not \(status): \(text)"
    case .brokenOff: return answers == ["broken off"] && !isKept ? nil : "not broken off: \(text)"
    }
  }
}
