internal import Kernel
internal import MeshModel

/// One listening socket of a worker.
struct ListeningSocket: ~Copyable {
  let socket: FileDescriptor
  let direction: Direction
  /// Other proxies come here, not redirected connections.
  let isTransport: Bool

  init(_ socket: consuming FileDescriptor, _ direction: Direction) {
    isTransport = direction == .inbound && socket.localAddress()?.port == ProxySettings.transportPort
    self.socket = socket
    self.direction = direction
  }
}
