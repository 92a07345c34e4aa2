import Glibc
import Kernel
import MeshModel
import Testing

/// Two connected, non-blocking streams.
struct StreamPair: ~Copyable {
  let one: FileDescriptor
  let other: FileDescriptor

  private init(_ one: consuming FileDescriptor, _ other: consuming FileDescriptor) {
    self.one = one
    self.other = other
  }

  /// Local streams: small buffers, and no packets on the way.
  static func local() throws -> StreamPair {
    var numbers: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &numbers) == 0 else { throw SystemError("socketpair") }
    return StreamPair(FileDescriptor(owning: numbers[0]), FileDescriptor(owning: numbers[1]))
  }

  /// TCP over loopback, with the real thing's resets and half-closes.
  static func tcp() throws -> StreamPair {
    let listener = try FileDescriptor.listener(on: SocketAddress(IPAddress(v4: 0x7f00_0001), port: 0))
    guard let address = listener.localAddress() else { throw SystemError("getsockname") }
    guard case .connecting(let client) = dial(address) else { throw SystemError("connect", "\(address)") }
    guard listener.waitReadable(timeout_ms: 10_000),
      case .connection(let server, _) = listener.acceptConnection()
    else { throw SystemError("accept", "\(address)") }
    return StreamPair(client, server)
  }

  /// Both ends, each on its own.
  consuming func split() -> (Held, Held) {
    (Held(one.release()), Held(other.release()))
  }
}

/// A descriptor in a reference, so that it can be kept anywhere and ended early.
final class Held {
  private var descriptor: FileDescriptor?

  init(_ raw: Int32) { descriptor = FileDescriptor(owning: raw) }

  var raw: Int32 {
    guard let raw = descriptor?.raw else { fatalError("it was let go") }
    return raw
  }

  /// The descriptor itself, for a new owner.
  func give() -> FileDescriptor {
    guard let given = descriptor.take() else { fatalError("it was let go") }
    return given
  }

  func finishWriting() { _ = shutdown(raw, Int32(SHUT_WR)) }

  /// Closes it so that the peer sees a reset.
  func reset() {
    let last = give()
    last.resetOnClose()
  }

  /// Writes what is taken of `bytes` now; nil where the peer is gone.
  func write(_ bytes: some Collection<UInt8>) -> Int? {
    let count = Array(bytes).withUnsafeBytes { send(raw, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    return count >= 0 ? count : errno == EAGAIN ? 0 : nil
  }

  /// What a read finds now: bytes, none at the end of the stream, nil where nothing is there yet.
  func read(_ limit: Int = 4096) throws -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: limit)
    let count = recv(raw, &bytes, limit, 0)
    if count >= 0 { return Array(bytes[..<count]) }
    guard errno == EAGAIN else { throw SystemError("recv") }
    return nil
  }

  /// As `read`, waiting for something to be there; the limit is for what never comes.
  func awaitRead(_ limit: Int = 4096) throws -> [UInt8]? {
    var watched = pollfd(fd: raw, events: Int16(POLLIN), revents: 0)
    poll(&watched, 1, 10_000)
    return try read(limit)
  }
}
