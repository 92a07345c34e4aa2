import Glibc
import Kernel
import MeshModel

/// Asks one proxy over its admin socket: one GET, one JSON reply, all within a deadline.
struct AdminClient {
  /// The socket's path.
  let path: String

  /// A proxy answers from memory; one that has not after this long is stuck.
  static let timeout_ms: Int64 = 5_000
  /// Far more than the largest reply, an explanation of 10,000 policies.
  static let maxReplyBytes = 64 << 20

  /// The reply to `request`, which the proxy encodes as `Value`.
  func get<Value: Decodable>(_ request: AdminRequest, as type: Value.Type) throws(CommandFailure) -> Value {
    let reply = try exchange(request)
    guard reply.status == 200 else {
      let told = try? AdminJSON.decode(AdminError.self, from: reply.body)
      throw CommandFailure(CommandFailure.failed, "\(path): \(told?.error ?? "answered with status \(reply.status)")")
    }
    do {
      return try AdminJSON.decode(type, from: reply.body)
    } catch {
      throw CommandFailure(
        CommandFailure.failed,
        "\(path): the reply is not what this weft understands; is the proxy of another version?"
      )
    }
  }

  private func exchange(_ request: AdminRequest) throws(CommandFailure) -> HTTPReply {
    let deadline_ms = Self.now_ms() + Self.timeout_ms
    let socket: FileDescriptor
    do {
      socket = try UnixSocket.connect(to: path)
    } catch {
      throw Self.connectFailure(error, path)
    }
    try send("GET \(request.target) HTTP/1.1\r\nHost: weft\r\nConnection: close\r\n\r\n", socket, deadline_ms)
    var bytes: [UInt8] = []
    var isEnd = false
    while true {
      switch HTTPReply.read(bytes, isEnd: isEnd) {
      case .whole(let reply): return reply
      case .malformed(let reason):
        throw CommandFailure(CommandFailure.failed, "\(path): the reply is broken: \(reason)")
      case .needsMore: isEnd = try !receive(&bytes, socket, deadline_ms)
      }
    }
  }

  private func send(
    _ text: String,
    _ socket: borrowing FileDescriptor,
    _ deadline_ms: Int64
  ) throws(CommandFailure) {
    try wait(socket, POLLOUT, deadline_ms)
    var text = text
    // Some hundred bytes into an empty socket buffer: either all of it goes, or none.
    let count = text.withUTF8 { Glibc.send(socket.raw, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    guard count == text.utf8.count else { throw broken("send") }
  }

  /// Appends what came; false at the end.
  private func receive(
    _ bytes: inout [UInt8],
    _ socket: borrowing FileDescriptor,
    _ deadline_ms: Int64
  ) throws(CommandFailure) -> Bool {
    try wait(socket, POLLIN, deadline_ms)
    var chunk = [UInt8](repeating: 0, count: 256 << 10)
    let count = recv(socket.raw, &chunk, chunk.count, 0)
    guard count >= 0 else {
      if errno == EINTR { return true }
      throw broken("recv")
    }
    guard bytes.count + count <= Self.maxReplyBytes + HTTPReply.maxHeadBytes else {
      throw CommandFailure(CommandFailure.failed, "\(path): the reply has more than \(Self.maxReplyBytes) bytes")
    }
    bytes += chunk[..<count]
    return count > 0
  }

  private func wait(
    _ socket: borrowing FileDescriptor,
    _ event: Int32,
    _ deadline_ms: Int64
  ) throws(CommandFailure) {
    while true {
      let left_ms = deadline_ms - Self.now_ms()
      var entry = pollfd(fd: socket.raw, events: Int16(event), revents: 0)
      let count = left_ms > 0 ? poll(&entry, 1, Int32(left_ms)) : 0
      if count > 0 { return }
      guard count < 0, errno == EINTR else {
        throw CommandFailure(
          CommandFailure.failed,
          "\(path): the proxy does not answer within \(Self.timeout_ms / 1000) s; it may be stuck"
        )
      }
    }
  }

  private func broken(_ call: String) -> CommandFailure {
    CommandFailure(CommandFailure.failed, "\(path): the proxy hung up: \(SystemError(call))")
  }

  private static func now_ms() -> Int64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
  }

  static func connectFailure(_ error: SystemError, _ path: String) -> CommandFailure {
    switch error.code {
    case ENOENT:
      CommandFailure(
        CommandFailure.failed,
        "no proxy listens at \(path); is weft-proxy running? weft check lists those that do"
      )
    case ECONNREFUSED:
      CommandFailure(CommandFailure.failed, "the proxy at \(path) is gone and left its socket; start weft-proxy again")
    case EACCES, EPERM:
      CommandFailure(CommandFailure.missing, "no permission for \(path); run as root or as the proxy's user")
    case ENAMETOOLONG:
      CommandFailure(
        CommandFailure.usage,
        "\(path) has more than \(UnixSocket.pathLimit) bytes; choose a shorter --run-directory"
      )
    default: CommandFailure(CommandFailure.failed, "cannot connect to \(path): \(error)")
    }
  }
}
