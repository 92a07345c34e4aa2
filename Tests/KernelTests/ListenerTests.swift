import Glibc
import Kernel
import MeshModel
import Testing

@Suite struct ListenerTests {
  /// `errno` of trying to listen, 0 where it worked.
  private func attempt(_ address: SocketAddress, shared: Bool) -> Int32 {
    do {
      _ = try FileDescriptor.listener(on: address, shared: shared)
      return 0
    } catch {
      #expect(error.subject == "\(address)", "the error names the address")
      return error.code
    }
  }

  @Test("Workers share a port; one that wants it alone is refused, and nobody joins one that has it alone")
  func sharing() throws {
    let shared = try LoopbackListener(shared: true)
    #expect(attempt(shared.address, shared: true) == 0)
    #expect(attempt(shared.address, shared: false) == EADDRINUSE)
    let alone = try LoopbackListener(shared: false)
    #expect(attempt(alone.address, shared: true) == EADDRINUSE)
    #expect(attempt(alone.address, shared: false) == EADDRINUSE)
    // Both listeners live until here.
    #expect(shared.socket.raw != alone.socket.raw)
  }

  @Test("An IPv6 wildcard listener leaves IPv4 alone: the other family's listener binds, and takes its clients")
  func families() throws {
    let v6 = try LoopbackListener("[::]:0", shared: false)
    let v4Address = try #require(SocketAddress("127.0.0.1:\(v6.address.port)"))
    let alone = outcome(of: v4Address)
    #expect(alone == ECONNREFUSED, "an IPv4 client does not reach the IPv6 listener")
    let v4 = try LoopbackListener("0.0.0.0:\(v6.address.port)", shared: false)
    let client = try dialled(v4Address)
    let accepted = try v4.accept()
    #expect(accepted.source == client.localAddress())
    #expect(accepted.source.ip.isIPv4)
    let none = v6.socket.waitReadable(timeout_ms: 0)
    #expect(none == false)
  }

  /// How a dial ends: `errno`, or 0.
  private func outcome(of address: SocketAddress) -> Int32 {
    switch dial(address) {
    case .failed(let code): return code
    case .connecting(let socket):
      _ = Readable.wait(socket, POLLOUT)
      return socket.takeError()
    }
  }

  @Test("A restarted proxy listens again at once though its port still has connections in TIME_WAIT")
  func timeWait() throws {
    let address = try leaveTimeWait()
    #expect(attempt(address, shared: true) == 0)
    #expect(attempt(address, shared: false) == 0)
  }

  /// A listener whose side closed a connection first, and which is gone now.
  private func leaveTimeWait() throws -> SocketAddress {
    let listener = try LoopbackListener()
    let pair = try listener.connect()
    pair.server.finishWriting()
    let end = pair.client.awaitBytes().outcome
    guard case .endOfStream = end else { throw SystemError("recv", code: EIO) }
    pair.client.finishWriting()
    _ = pair.server.awaitBytes()
    return listener.address
  }

  @Test("What is accepted is non-blocking, closed on exec, without Nagle's delay and kept alive, as is what is dialled")
  func options() throws {
    let pair = try LoopbackPair()
    for raw in [pair.client.raw, pair.server.raw] {
      #expect(fcntl(raw, F_GETFL) & O_NONBLOCK != 0)
      #expect(fcntl(raw, F_GETFD) & FD_CLOEXEC != 0)
      #expect(option(raw, Int32(IPPROTO_TCP), TCP_NODELAY) == 1)
      #expect(option(raw, SOL_SOCKET, SO_KEEPALIVE) == 1)
      #expect(option(raw, Int32(IPPROTO_TCP), TCP_KEEPIDLE) == KeepAlive.idle_s)
      #expect(option(raw, Int32(IPPROTO_TCP), TCP_KEEPINTVL) == KeepAlive.interval_s)
      #expect(option(raw, Int32(IPPROTO_TCP), TCP_KEEPCNT) == KeepAlive.probes)
    }
    #expect(pair.client.localAddress() == pair.source)
  }

  private func option(_ raw: Int32, _ level: Int32, _ name: Int32) -> Int32 {
    var value: Int32 = -1
    var size = socklen_t(MemoryLayout<Int32>.size)
    return getsockopt(raw, level, name, &value, &size) == 0 ? value : -errno
  }

  @Test("With nobody waiting, accept says so instead of blocking")
  func nobody() throws {
    let listener = try LoopbackListener()
    let waits =
      switch listener.socket.acceptConnection() {
      case .wouldBlock: true
      default: false
      }
    #expect(waits)
    let any = listener.socket.acceptAny()
    let isNobody = any == nil
    #expect(isNobody)
  }
}
