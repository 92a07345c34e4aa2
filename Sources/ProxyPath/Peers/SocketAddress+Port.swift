internal import MeshModel

extension SocketAddress {
  /// Another port of the same address.
  func withPort(_ port: UInt16) -> SocketAddress { SocketAddress(ip, port: port) }
}
