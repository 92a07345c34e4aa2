public import DNS
public import MeshModel

/// Why the name server does not serve.
public enum NameServiceError: Error, Hashable, Sendable {
  /// An address cannot be listened on.
  case cannotListen(SocketAddress, DNSTransport, reason: String)
  /// `0.0.0.0` or `::`: an answer by UDP could leave from another address than was asked.
  case unspecifiedAddress(SocketAddress)
  /// A listening socket was lost while the server ran.
  case listenerLost(SocketAddress, DNSTransport)
  /// It was closed before it was to run, or starts already.
  case closed
}

extension NameServiceError: CustomStringConvertible {
  /// One line: what failed, where, and what to check.
  public var description: String {
    switch self {
    case .cannotListen(let address, let transport, let reason):
      "name server: cannot listen on \(address)/\(transport): \(reason); is the address this host's, and the port free?"
    case .unspecifiedAddress(let address):
      "name server: \(address) stands for all addresses; name each, so that answers leave from the one that was asked"
    case .listenerLost(let address, let transport): "name server: the socket of \(address)/\(transport) was closed"
    case .closed: "name server: it is closed, or starts already"
    }
  }
}
