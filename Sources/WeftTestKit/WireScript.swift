/// What both ends of a proxy do in one run: the bytes a client sends, and how the server behind the proxy answers. All
/// of it is raw, so that what no library would send can be sent.
public struct WireScript: Sendable {
  /// What the client sends; each piece after the first once more has come back.
  public var pieces: [[UInt8]]
  /// What the server says to a client that waits for 100 before it sends the body. Where it is a final answer, the body
  /// is still read, and not answered again.
  public var continuation = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
  /// What the server says to the message it got as so many-th, counted from 0 over all its connections.
  public var answer: @Sendable (Int, WireRequest) -> WireReply

  /// Sends `pieces`, and answers with `answer`.
  public init(
    pieces: [[UInt8]],
    answer: @escaping @Sendable (Int, WireRequest) -> WireReply = { WireReply.echo($1) }
  ) {
    self.pieces = pieces
    self.answer = answer
  }
}

/// What a server does with a message it got whole.
public enum WireReply: Sendable {
  /// Says this, and is ready for the next.
  case say([UInt8])
  /// Says this and closes.
  case sayAndClose([UInt8])
  /// Says this; from here on it sends back whatever comes, and closes once that has ended in `WireReply.farewell`.
  case tunnel([UInt8])

  /// What ends a tunnel.
  public static let farewell = "bye"

  /// 200 with a body that names method and target, so that an answer to another request is known for one.
  public static func echo(_ request: WireRequest) -> WireReply {
    let text = "\(request.method) \(request.target)"
    let body = request.method == "HEAD" ? "" : text
    return .say(Array("HTTP/1.1 200 OK\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(body)".utf8))
  }
}

/// What came of a run.
public struct WireOutcome: Sendable {
  /// How the client's connection ended.
  public enum End: Sendable { case closed, reset, open }

  /// All that the client was sent.
  public var received: [UInt8] = []
  /// How it ended; `open` where it had not when time was up.
  public var end = End.open
  /// What the server got on each of its connections, byte by byte.
  public var upstreams: [[UInt8]] = []
  /// The whole messages in it, in the order in which they became whole.
  public var requests: [WireRequest] = []
}
