import WeftTestKit

/// A request, or several, that is sent byte for byte to each proxy, with what RFC 9110 and 9112 ask of a proxy.
struct DifferentialCase: Sendable {
  /// What weft may make of it.
  enum Expectation: Sendable {
    /// Exactly these messages reach the server, as `DifferentialOutcome` writes them, and the client gets its answers.
    case forwarded([String])
    /// No message of it reaches the server, and the connection is closed: where the next one begins is not known.
    case refused
    /// The messages before the faulty one reach the server, and no other.
    case refusedAfter([String])
    /// The proxy answers itself, and goes on.
    case answered(Int)
    /// The outcome, word for word: where an answer and an interim one, or a tunnel, are the point.
    case exactly(String)
  }

  /// What it is called in the table.
  let name: String
  let pieces: [[UInt8]]
  let expectation: Expectation
  /// The section that asks for it, and what it says: the last column of the table, if the proxies differ.
  let why: String
  /// Fields that are shown, in lower case, where the server gets them.
  var watched: [String] = []
  /// Whether the first answer is to HEAD.
  var isHead = false
  /// How the server answers; nil for 200 with what it was asked.
  var reply: (@Sendable (Int, WireRequest) -> WireReply)?
  /// What the server says to a client that waits for 100; nil for that.
  var continuation: String?
  /// Whether it is left to chance how a proxy frames the body: nginx counts one that it has whole when it first looks at it, and
  /// sends any other in chunks. What does not fit into one segment may come in parts.
  var framesByChance = false
  /// Whether another request follows in the same write, to show whether the connection is kept and the two were told
  /// apart. It asks for `probe` and to close.
  var isProbed = true

  static let probe = "GET /probe HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n"

  init(_ name: String, _ pieces: String..., expect expectation: Expectation, why: String) {
    self.init(name, bytes: pieces.map { Array($0.utf8) }, expect: expectation, why: why)
  }

  init(_ name: String, bytes pieces: [[UInt8]], expect expectation: Expectation, why: String) {
    self.name = name
    self.pieces = pieces
    self.expectation = expectation
    self.why = why
  }

  /// A copy with one property changed.
  func with<Value>(_ property: WritableKeyPath<DifferentialCase, Value>, _ value: Value) -> DifferentialCase {
    var copy = self
    copy[keyPath: property] = value
    return copy
  }

  var script: WireScript {
    var pieces = pieces
    if isProbed { pieces[pieces.count - 1] += Array(Self.probe.utf8) }
    let reply = reply
    var script = WireScript(pieces: pieces) { $1.target == "/probe" ? .echo($1) : reply?($0, $1) ?? .echo($1) }
    if let continuation { script.continuation = Array(continuation.utf8) }
    return script
  }
}

extension DifferentialCase {
  /// A message of HTTP/1.1 for `a.test` from its lines, with CRLF behind each and an empty one at the end.
  static func message(_ line: String, _ fields: String..., body: String = "") -> String {
    message(line, fields, body: body)
  }

  /// The same with fields that were gathered elsewhere.
  static func message(_ line: String, _ fields: [String], body: String) -> String {
    ([line, "Host: a.test"] + fields).joined(separator: "\r\n") + "\r\n\r\n" + body
  }

  /// A POST of three bytes, or of another body, framed by these fields.
  static func post(_ fields: String..., body: String = "abc") -> String {
    message("POST /a HTTP/1.1", fields, body: body)
  }

  /// A POST in these chunks.
  static func post(chunks: String) -> String { post("Transfer-Encoding: chunked", body: chunks) }

  /// The same without a Host that is not written.
  static func bare(_ lines: String..., body: String = "") -> String {
    lines.joined(separator: "\r\n") + "\r\n\r\n" + body
  }
}
