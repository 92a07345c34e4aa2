/// A client's connection over which it asks one request after the other, byte for byte as a test wants them.
public final class RequestStream {
  /// The connection itself.
  public let stream: PodStream
  private let reader: MessageReader

  /// An answer as a client sees it.
  public struct Answer: CustomStringConvertible {
    /// The final head.
    public let head: MessageHead
    /// Statuses of the interim answers before it.
    public let interim: [Int]
    /// The body, or what came of it.
    public let body: String
    /// Whether a client that knows HTTP takes it for complete.
    public let isWhole: Bool
    /// What followed a chunked body, names in lower case.
    public var trailers: [String: String] = [:]

    /// Its status.
    public var status: Int { head.status }
    /// Why the proxy itself answered; nil where it did not.
    public var reason: String? { head["x-weft-reason"] }
    /// Head and body.
    public var description: String { "\(head)\n\n\(body.prefix(400))\(isWhole ? "" : " [broken off]")" }
  }

  /// Asks over `stream`.
  public init(_ stream: PodStream) {
    self.stream = stream
    reader = MessageReader(stream)
  }

  /// Sends a request, or a part of one.
  public func send(_ text: String) throws { try stream.send(text) }

  /// The next answer.
  ///
  /// - Parameter isToHead: it answers a HEAD request, and so has no body whatever it says.
  /// - Throws: `TestKitError` where the connection ends first.
  public func answer(isToHead: Bool = false) throws -> Answer {
    var interim: [Int] = []
    while let head = try reader.head() {
      if (102..<200).contains(head.status) || head.status == 100 {
        interim.append(head.status)
        continue
      }
      guard !isToHead, head.status != 204, head.status != 304, head.status != 101 else {
        return Answer(head: head, interim: interim, body: "", isWhole: true)
      }
      let body = try reader.body(of: head, mayBeUntilEnd: true)
      let trailers = head["Transfer-Encoding"] == nil ? [:] : reader.trailers
      return Answer(head: head, interim: interim, body: body.text, isWhole: body.isWhole, trailers: trailers)
    }
    throw TestKitError("the connection ended before an answer\(reader.failure.map { ": \($0)" } ?? "")")
  }

  /// Sends a request and awaits its answer.
  public func ask(_ text: String) throws -> Answer {
    try send(text)
    return try answer(isToHead: text.hasPrefix("HEAD "))
  }

  /// GET with these further field lines, such as `["X-Debug: 1"]`.
  public func get(_ target: String, host: String = "web", _ lines: [String] = []) throws -> Answer {
    try ask("GET \(target) HTTP/1.1\r\nHost: \(host)\r\n\(lines.map { $0 + "\r\n" }.joined())\r\n")
  }

  /// POST with a body of known length.
  public func post(_ target: String, host: String = "web", body: String) throws -> Answer {
    try ask("POST \(target) HTTP/1.1\r\nHost: \(host)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
  }

  /// Whether the other side has ended the connection, with nothing more said; waits for it.
  public func isEnded() throws -> Bool { try reader.head() == nil && reader.surplus.isEmpty }
}
