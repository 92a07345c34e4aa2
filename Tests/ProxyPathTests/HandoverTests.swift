import Glibc
import Kernel
import MeshModel
@testable import ProxyPath
import Synchronization
import Testing

@Suite struct HandoverTests {
  private static let counter = Atomic<Int>(0)

  /// Plays the proxy that runs at `path`: hears one question and answers it by `reply`, then closes.
  final class Predecessor {
    let path: String
    private var thread: Thread?

    init(_ reply: @escaping @Sendable (borrowing FileDescriptor) -> Void) throws {
      let number = HandoverTests.counter.add(1, ordering: .relaxed).newValue
      let path = "/tmp/wt-\(getpid())-handover-\(number)"
      self.path = path
      let listener = Mailed(try UnixSocket.listen(at: path))
      thread = try Thread("predecessor") {
        guard listener.descriptor.waitReadable(timeout_ms: 10_000), let client = listener.descriptor.acceptAny(),
          client.waitReadable(timeout_ms: 10_000)
        else { return }
        _ = try? UnixSocket.receive(limit: 4096, from: client)
        reply(client)
      }
    }

    deinit {
      thread.take()?.join()
      UnixSocket.forget(path)
    }
  }

  private final class Mailed: Sendable {
    let descriptor: FileDescriptor
    init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }
  }

  /// Sockets as a proxy would list them; all are the same file.
  private func sockets(_ count: Int, of raw: Int32) -> [(raw: Int32, direction: Direction)] {
    (0..<count).map { (raw, $0 % 3 == 0 ? .outbound : .inbound) }
  }

  @Test(
    "A running proxy's sockets come with their directions, also more than the kernel passes in one message",
    arguments: [1, 4, UnixSocket.descriptorLimit, UnixSocket.descriptorLimit + 1, 600]
  )
  func passed(count: Int) throws {
    let file = Mailed(try FileDescriptor.listener(on: SocketAddress(IPAddress(v4: 0x7f00_0001), port: 0)))
    let offered = sockets(count, of: file.descriptor.raw)
    let proxy = try Predecessor { client in try? Handover.offer(offered, to: client) }
    let received = try #require(Handover.request(from: proxy.path))
    for socket in received { _ = FileDescriptor(owning: socket.raw) }
    #expect(received.map(\.direction) == offered.map(\.direction))
    #expect(Set(received.map(\.raw)).count == count)
  }

  @Test("A proxy that refuses, has none to give, breaks off or is not there gives nothing: the new one opens its own")
  func refused() throws {
    let replies: [@Sendable (borrowing FileDescriptor) -> Void] = [
      { client in _ = Array("HTTP/1.1 403 Forbidden\r\n\r\nno".utf8).withUnsafeBytes { client.transmit($0) } },
      { client in _ = Array("outbound\n".utf8).withUnsafeBytes { client.transmit($0) } },
      { _ in },
      { client in try? Handover.offer([], to: client) },
      { client in try? UnixSocket.send(Array("outbound\n".utf8), descriptors: [0, 0], to: client) },
      { client in
        try? Handover.offer([(0, .outbound)], to: client)
        _ = Array("HTTP/1.1 500 Internal Server Error\r\n\r\n".utf8).withUnsafeBytes { client.transmit($0) }
      },
    ]
    for (number, reply) in replies.enumerated() {
      let proxy = try Predecessor(reply)
      #expect(Handover.request(from: proxy.path) == nil, "reply \(number)")
    }
    #expect(Handover.request(from: "/tmp/wt-\(getpid())-nobody") == nil)
  }
}
