internal import Foundation
public import MeshModel

/// Sends back what it is sent, over any number of connections at once, until it is let go of.
public final class EchoServer: Sendable {
  /// Where it listens.
  public let address: SocketAddress
  private let listener: PodListener

  /// Listens on `port` of `ip` inside `pod`; 0 lets the kernel choose.
  public init(in pod: Pod, on ip: IPAddress, port: UInt16 = 0) throws {
    let listener = try PodListener(in: pod, on: SocketAddress(ip, port: port), backlog: 1024)
    self.listener = listener
    address = listener.address
    Thread.detachNewThread {
      // Ends when the listener is closed, or when nobody came for as long as a test may take.
      while let stream = try? listener.accept() { Self.echo(stream) }
    }
  }

  deinit { listener.close() }

  private static func echo(_ stream: PodStream) {
    Thread.detachNewThread {
      while let bytes = try? stream.receive(), !bytes.isEmpty, (try? stream.send(bytes)) != nil {}
      stream.finish()
    }
  }
}
