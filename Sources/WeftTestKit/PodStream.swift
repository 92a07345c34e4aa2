internal import Foundation
internal import Glibc
public import MeshModel

/// A TCP connection whose socket belongs to a pod, for tests that must control every byte, FIN and reset themselves.
public final class PodStream: Sendable {
  private let socket: Descriptor

  init(owning number: Int32) {
    socket = Descriptor(owning: number)
    // A silent peer must fail a test, never hang it.
    var limit = timeval(tv_sec: 30, tv_usec: 0)
    setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  /// Dials `address` from inside `pod`, from `source` where given, as an unmodified program would.
  ///
  /// - Throws: `SocketFailure` with the reason the program would see; `ETIMEDOUT` after `limit`.
  public static func connect(
    from pod: Pod,
    to address: SocketAddress,
    source: SocketAddress? = nil,
    receiveBuffer: Int32? = nil,
    within limit: Duration = Deadline.usual
  ) throws -> PodStream {
    let number = try pod.inside { try PodListener.open(address) }
    let stream = PodStream(owning: number)
    if var size = receiveBuffer {
      setsockopt(number, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }
    if let source {
      var one: Int32 = 1
      setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
      guard source.withRaw({ Glibc.bind(number, $0, $1) }) == 0 else { throw SocketFailure("bind") }
    }
    // SO_SNDTIMEO bounds connect(2) too (socket(7)).
    stream.setSendTimeout(limit)
    guard address.withRaw({ Glibc.connect(number, $0, $1) }) == 0 else {
      throw SocketFailure("connect", code: errno == EINPROGRESS ? ETIMEDOUT : errno)
    }
    stream.setSendTimeout(Deadline.usual)
    return stream
  }

  private func setSendTimeout(_ limit: Duration) {
    let parts = limit.components
    var value = timeval(tv_sec: Int(parts.seconds), tv_usec: Int(parts.attoseconds / 1_000_000_000_000))
    setsockopt(socket.number, SOL_SOCKET, SO_SNDTIMEO, &value, socklen_t(MemoryLayout<timeval>.size))
  }

  /// Sends all of `bytes`.
  public func send(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(socket.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw SocketFailure("send") }
      rest = rest.dropFirst(count)
    }
  }

  /// Sends all of `text`.
  public func send(_ text: String) throws { try send(Array(text.utf8)) }

  /// Sends what fits at once without waiting; 0 where nothing does.
  public func sendWithoutWaiting(_ bytes: [UInt8]) throws -> Int {
    let flags = Int32(MSG_NOSIGNAL | MSG_DONTWAIT)
    let count = bytes.withUnsafeBytes { Glibc.send(socket.number, $0.baseAddress, $0.count, flags) }
    if count < 0, errno != EAGAIN { throw SocketFailure("send") }
    return max(0, count)
  }

  /// Whether something can be read now, if only the end (poll(2)).
  public var isReadable: Bool {
    var watched = pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0)
    return poll(&watched, 1, 0) == 1
  }

  /// The next bytes, at most `limit`; empty at the end of the stream.
  ///
  /// - Throws: `SocketFailure`: `ECONNRESET` for a reset, `EAGAIN` when nothing came for 30 s.
  public func receive(upTo limit: Int = 65536) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
      let got = recv(socket.number, buffer.baseAddress, limit, 0)
      guard got >= 0 else { throw SocketFailure("recv") }
      count = got
    }
  }

  /// Exactly `count` bytes as text, or fewer where the stream ends first.
  public func receive(exactly count: Int) throws -> String {
    var all: [UInt8] = []
    while all.count < count {
      let more = try receive(upTo: count - all.count)
      if more.isEmpty { break }
      all += more
    }
    return String(decoding: all, as: UTF8.self)
  }

  /// Everything up to the end of the stream, as text.
  public func receiveToEnd() throws -> String {
    var all: [UInt8] = []
    while true {
      let more = try receive()
      if more.isEmpty { return String(decoding: all, as: UTF8.self) }
      all += more
    }
  }

  /// Ends the sending half (FIN); the other half lives on.
  public func finish() { _ = shutdown(socket.number, Int32(SHUT_WR)) }

  /// Ends it with a reset (RST), as a crashed program's kernel would with data unread.
  public func reset() {
    var linger = linger(l_onoff: 1, l_linger: 0)
    setsockopt(socket.number, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
    socket.close()
  }

  /// Closes it.
  public func close() { socket.close() }

  /// Where this end is.
  public var localAddress: SocketAddress? { PodListener.address(socket.number, getsockname) }

  /// Who is at the other end, as this end's kernel sees it.
  public var peerAddress: SocketAddress? { PodListener.address(socket.number, getpeername) }
}
