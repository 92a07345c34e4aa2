import CLinux
import Glibc
import Kernel
import MeshModel
import Testing

@Suite struct StreamSocketTests {
  @Test("A dial to a closed port ends in ECONNREFUSED, one that no route can carry in the kernel's reason")
  func refused() throws {
    // Bound but not listening: nobody else gets the port, and the kernel refuses.
    let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    let closed = FileDescriptor(owning: number)
    let wanted = try #require(SocketAddress("127.0.0.1:0"))
    #expect(wanted.withKernelAddress { bind(number, $0, $1) } == 0)
    let address = try required(closed.localAddress())
    let code: Int32
    switch dial(address) {
    case .failed(let at): code = at
    case .connecting(let socket):
      let events = Readable.wait(socket, POLLOUT)
      #expect(events & POLLERR != 0)
      code = socket.takeError()
      #expect(socket.takeError() == 0, "an error is taken once")
    }
    #expect(code == DialError.refused)
    guard case .failed(ENETUNREACH) = dial(SocketAddress(IPAddress(v4: .max), port: 80)) else {
      Issue.record("a broadcast address was dialled")
      return
    }
  }

  @Test("A dial that succeeds becomes writable without an error")
  func connected() throws {
    let listener = try LoopbackListener()
    let client = try dialled(listener.address)
    #expect(Readable.wait(client, POLLOUT) == POLLOUT)
    #expect(client.takeError() == 0)
  }

  @Test("A reset on close is ECONNRESET to the peer, who still gets nothing that looks like an orderly end")
  func reset() throws {
    let pair = try LoopbackPair()
    pair.server.say("hello")
    let (bytes, _) = pair.client.awaitBytes()
    #expect(bytes == Array("hello".utf8))
    let client = try endWithReset(consume pair)
    let failed = Readable.wait(client)
    #expect(failed & POLLERR != 0)
    guard case .failed(ECONNRESET) = client.awaitBytes().outcome else {
      Issue.record("the peer of a reset read something else")
      return
    }
  }

  /// Closes the server's end by a reset; the client's lives on.
  private func endWithReset(_ pair: consuming LoopbackPair) throws -> FileDescriptor {
    let client = try pair.client.duplicate()
    pair.server.resetOnClose()
    return client
  }

  @Test(
    "After FIN one way, bytes still flow the other way, and writing on the finished side is refused without a signal"
  )
  func halfClose() throws {
    let pair = try LoopbackPair()
    pair.client.say("question")
    pair.client.finishWriting()
    #expect(pair.server.awaitBytes().bytes == Array("question".utf8))
    guard case .endOfStream = pair.server.awaitBytes().outcome else {
      Issue.record("FIN was not seen as the end of the stream")
      return
    }
    pair.server.say("answer")
    #expect(pair.client.awaitBytes().bytes == Array("answer".utf8))
    guard case .failed(EPIPE) = [UInt8](repeating: 0, count: 1).withUnsafeBytes({ pair.client.transmit($0) }) else {
      Issue.record("a write after FIN was taken")
      return
    }
  }

  @Test("A full socket takes part of the bytes, then none, and says which; an empty one has nothing to read")
  func backpressure() throws {
    let pair = try LoopbackPair()
    guard case .wouldBlock = pair.server.receiveNow().outcome else {
      Issue.record("an empty socket did not say so")
      return
    }
    let block = [UInt8](repeating: 7, count: 1 << 20)
    var (taken, wasPartial, isFull) = (0, false, false)
    for _ in 0..<1000 where !isFull {
      switch block.withUnsafeBytes({ pair.client.transmit($0) }) {
      case .bytes(let count):
        taken += count
        wasPartial = wasPartial || count < block.count
      case .wouldBlock: isFull = true
      case .failed(let code):
        Issue.record("send failed: \(code)")
        return
      }
    }
    #expect(isFull && wasPartial)
    var arrived = 0
    while arrived < taken, case .bytes(let count) = pair.server.awaitBytes(1 << 20).outcome { arrived += count }
    #expect(arrived == taken)
  }

  @Test("A local stream has no IP address")
  func localSocket() throws {
    let pair = try UnixPair()
    #expect(pair.one.localAddress() == nil)
  }
}

/// Two connected local streams.
struct UnixPair: ~Copyable {
  let one: FileDescriptor
  let other: FileDescriptor

  init() throws {
    var numbers: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &numbers) == 0 else { throw SystemError("socketpair") }
    one = FileDescriptor(owning: numbers[0])
    other = FileDescriptor(owning: numbers[1])
  }
}
