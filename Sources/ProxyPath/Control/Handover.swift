internal import Kernel
internal import MeshModel
internal import Reactor

/// Passing the listening sockets from a running proxy to the one that replaces it, so that no pending connection is
/// lost: the sockets never close, only the process behind them changes.
///
/// The new one asks `GET /v1/listeners` on the admin socket and gets the sockets with the answer (SCM_RIGHTS), one line
/// each in the body: `outbound` or `inbound`. Who the old one is comes by `IdentityHandover`. Once the new one serves it posts
/// `/v1/retire`, and the old one drains.
enum Handover {
  /// How long the other side may take over either step.
  static let timeout_ms: Int32 = 2000
  /// Bytes of one message: a word for each socket that the kernel lets a message carry, and an HTTP head that was refused.
  private static let messageBytes = 64 << 10

  /// The sockets of the proxy at `path`; nil where none runs there, or none that has sockets to give.
  static func request(from path: String) -> [(raw: Int32, direction: Direction)]? {
    guard let socket = try? UnixSocket.connect(to: path) else { return nil }
    let question = Array("GET /v1/listeners HTTP/1.1\r\n\r\n".utf8)
    guard case .bytes = question.withUnsafeBytes({ socket.transmit($0) }) else { return nil }
    var found: [(raw: Int32, direction: Direction)] = []
    // Each message brings at least one socket, and the process's descriptor limit bounds those.
    while socket.waitReadable(timeout_ms: timeout_ms),
      let message = try? UnixSocket.receive(limit: messageBytes, from: socket)
    {
      if message.bytes.isEmpty { return found.isEmpty ? nil : found }
      let lines = String(decoding: message.bytes, as: UTF8.self).split(separator: "\n")
      let directions = lines.compactMap { Direction(rawValue: String($0)) }
      let isWhole = !directions.isEmpty && directions.count == message.descriptors.count
      guard isWhole else {
        for raw in message.descriptors { _ = FileDescriptor(owning: raw) }
        break
      }
      for (raw, direction) in zip(message.descriptors, directions) { found.append((raw, direction)) }
    }
    // Half of the sockets would leave connections in the queues of the others.
    for socket in found { _ = FileDescriptor(owning: socket.raw) }
    return nil
  }

  /// Sends the sockets, as many a message as the kernel allows (SCM_MAX_FD); the end of the stream is the end of them.
  static func offer(
    _ sockets: [(raw: Int32, direction: Direction)],
    to socket: borrowing FileDescriptor
  ) throws(SystemError) {
    for start in stride(from: 0, to: sockets.count, by: UnixSocket.descriptorLimit) {
      let part = Array(sockets[start..<min(start + UnixSocket.descriptorLimit, sockets.count)])
      try UnixSocket.send(listing(part), descriptors: part.map(\.raw), to: socket)
    }
  }

  /// Tells the old proxy that its sockets are served.
  static func confirm(to path: borrowing FileDescriptor) {
    let command = Array("POST /v1/retire HTTP/1.1\r\n\r\n".utf8)
    guard case .bytes = command.withUnsafeBytes({ path.transmit($0) }) else { return }
    _ = path.waitReadable(timeout_ms: timeout_ms)
  }

  /// The plain lines that travel with the sockets.
  static func listing(_ sockets: [(raw: Int32, direction: Direction)]) -> [UInt8] {
    Array(sockets.map { $0.direction.rawValue + "\n" }.joined().utf8)
  }
}

extension Control {
  /// Answers `/v1/listeners`: the sockets travel with the body's first bytes, outside HTTP, since HTTP cannot.
  func handOver(_ exchange: inout HTTPExchange) -> HTTPResponse {
    guard isReady else { return .text(409, "Conflict", "draining already: the sockets are gone or going") }
    // Who gets them decides by it until the agent speaks: which endpoints are meshed, above all.
    keepSnapshot(isUrgent: true)
    do {
      try Handover.offer(fleet.sharedListeners, to: exchange.socket)
      return HTTPResponse.nothing
    } catch {
      return .text(500, "Internal Server Error", "\(error)")
    }
  }
}
