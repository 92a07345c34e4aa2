internal import Kernel
internal import MeshModel

/// A listener of the control thread: the admin socket, metrics, or health.
final class ControlListener {
  let socket: FileDescriptor
  let role: HTTPExchange.Role
  /// Nil for the admin socket, which is a file.
  let address: SocketAddress?
  /// Connections accepted since the start.
  var accepted: UInt64 = 0

  init(_ socket: consuming FileDescriptor, _ role: HTTPExchange.Role, _ address: SocketAddress? = nil) {
    self.socket = socket
    self.role = role
    self.address = address
  }
}
