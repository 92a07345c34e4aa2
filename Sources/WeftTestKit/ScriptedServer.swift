internal import Foundation
public import MeshModel
internal import Synchronization

/// An HTTP/1 server that answers exactly what a test wants, bytes that no proper server would send included.
public final class ScriptedServer: Sendable {
  /// A request as the server saw it.
  public struct Request: Sendable {
    /// Counts the server's connections from 1.
    public let connection: Int
    /// Counts the requests of its connection from 1.
    public let number: Int
    /// Its head.
    public let head: MessageHead
    /// Its body; empty where the server answers heads.
    public let body: String
    /// The body came whole.
    public let isWhole: Bool
  }

  /// What the server does with a request.
  public enum Reply: Sendable {
    /// Sends this, and awaits the next request.
    case send(String)
    /// Sends this, and ends the connection in order.
    case close(after: String)
    /// Sends this, and resets the connection.
    case reset(after: String)
    /// Says nothing, ever.
    case silence

    /// 200 with a body of known length, perhaps with further field lines.
    public static func ok(_ body: String = "", _ lines: [String] = []) -> Reply {
      .send(ScriptedServer.answer(200, body, lines))
    }
  }

  /// An answer with a body of known length.
  public static func answer(_ status: Int, _ body: String = "", _ lines: [String] = []) -> String {
    let more = lines.map { $0 + "\r\n" }.joined()
    return "HTTP/1.1 \(status) Said So\r\nContent-Length: \(body.utf8.count)\r\n\(more)\r\n\(body)"
  }

  /// Where it listens.
  public let address: SocketAddress
  private let log = Log()

  private final class Log: Sendable {
    let requests = Mutex<[Request]>([])
    let connections = Mutex(0)
  }

  /// Listens on `port` of `ip` inside `pod`; 0 lets the kernel choose. It serves whether or not anybody looks at it,
  /// until nobody came for as long as a test may take.
  ///
  /// - Parameter answersHeads: `reply` is asked once the head is there, and the body is never read.
  public init(
    in pod: Pod,
    on ip: IPAddress,
    port: UInt16 = 0,
    answersHeads: Bool = false,
    reply: @escaping @Sendable (Request) -> Reply = { _ in .ok() }
  ) throws {
    let listener = try PodListener(in: pod, on: SocketAddress(ip, port: port), backlog: 1024)
    address = listener.address
    Thread.detachNewThread { [log] in
      while let stream = try? listener.accept() {
        let connection = log.connections.withLock { count in
          count += 1
          return count
        }
        Thread.detachNewThread {
          // A connection that breaks is the test's own doing.
          try? Self.serve(stream, answersHeads: answersHeads) { head, body, number in
            let request = Request(
              connection: connection,
              number: number,
              head: head,
              body: body.text,
              isWhole: body.isWhole
            )
            log.requests.withLock { $0.append(request) }
            return reply(request)
          }
        }
      }
    }
  }

  /// The requests so far.
  public var requests: [Request] { log.requests.withLock { $0 } }

  /// The connections so far.
  public var connections: Int { log.connections.withLock { $0 } }

  /// The requests, once there are `count`.
  public func requests(atLeast count: Int) throws -> [Request] {
    try eventually("\(count) requests at \(address)") { requests.count >= count ? requests : nil }
  }

  private static func serve(
    _ stream: PodStream,
    answersHeads: Bool,
    _ reply: (MessageHead, (text: String, isWhole: Bool), Int) -> Reply
  ) throws {
    let reader = MessageReader(stream)
    var number = 0
    while let head = try reader.head() {
      number += 1
      switch reply(head, answersHeads ? ("", false) : try reader.body(of: head), number) {
      case .send(let text): try stream.send(text)
      case .close(let text):
        try stream.send(text)
        stream.finish()
        return drain(stream)
      case .reset(let text):
        try stream.send(text)
        return stream.reset()
      case .silence: return drain(stream)
      }
    }
  }

  /// Reads and forgets until the other side is gone: closing with bytes unread would send a reset nobody asked for.
  private static func drain(_ stream: PodStream) {
    while let bytes = try? stream.receive(), !bytes.isEmpty {}
  }
}
