public import DNS
public import MeshModel

/// A socket that others bound, in this network namespace or another, and that the name server may answer on.
public struct BoundSocket: Hashable, Sendable {
  /// Its number here; whoever takes the value over closes it.
  public let descriptor: Int32
  /// Where it is bound, in its own namespace.
  public let address: SocketAddress
  /// UDP, or TCP for a listening one.
  public let transport: DNSTransport

  /// A socket as it was found to be.
  public init(descriptor: Int32, address: SocketAddress, transport: DNSTransport) {
    self.descriptor = descriptor
    self.address = address
    self.transport = transport
  }
}

/// Sockets of others that are answered on, until they are released.
public struct Adoption: Hashable, Sendable {
  let number: UInt64
}
