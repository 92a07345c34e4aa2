internal import Glibc

/// The service manager's end of sd_notify(3): a datagram socket whose path a program gets in NOTIFY_SOCKET.
final class NotifySocket: Sendable {
  let path: String
  private let directory: TemporaryDirectory
  private let socket: Descriptor

  init() throws {
    directory = try TemporaryDirectory()
    path = directory.file("notify")
    socket = Descriptor(owning: Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0))
    try withUnixAddress(path) { address, length in
      guard bind(socket.number, address, length) == 0 else { throw TestKitError.system("bind", path) }
    }
    // The program may have dropped to another uid by the time it is ready.
    chmod(path, 0o666)
  }

  /// Waits for `READY=1`, asking `isAlive` now and then so that a program that died is reported at once.
  func waitUntilReady(_ who: String, within limit: Duration, isAlive: () throws -> Void) throws {
    let deadline = Deadline(limit)
    // sd_notify messages are a few lines; the manager's own bound is one page.
    var buffer = [UInt8](repeating: 0, count: 4096)
    while !deadline.isOver {
      var entry = pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0)
      // 100 ms: only how late a death is noticed; readiness itself wakes the poll.
      guard poll(&entry, 1, min(100, deadline.millisecondsLeft)) > 0 else {
        try isAlive()
        continue
      }
      let count = recv(socket.number, &buffer, buffer.count, 0)
      let message = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
      if message.split(separator: "\n").contains("READY=1") { return }
    }
    throw TestKitError("\(who) did not say READY=1 within \(limit)")
  }
}

/// Runs `body` with `path` as a sockaddr_un (unix(7)).
func withUnixAddress<Result>(
  _ path: String,
  _ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Result
) throws -> Result {
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  let capacity = MemoryLayout.size(ofValue: address.sun_path)
  guard path.utf8.count < capacity else { throw TestKitError("too long for a Unix socket: \(path)") }
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
  return try withUnsafePointer(to: &address) {
    try $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { try body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
  }
}
