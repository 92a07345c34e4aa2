internal import Glibc
internal import MeshModel
internal import NIOCore

// sockaddr_in and sockaddr_in6 are read and written by their layout (netinet/in.h): the module that names their fields is
// NIO's own.

extension NIOCore.SocketAddress {
  /// The same address as NIO has it.
  init(_ address: MeshModel.SocketAddress) {
    let (high, low) = (address.ip.high.bigEndian, address.ip.low.bigEndian)
    var storage: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    self = withUnsafeMutableBytes(of: &storage) { bytes in
      bytes.storeBytes(of: address.port.bigEndian, toByteOffset: 2, as: UInt16.self)
      guard address.ip.isIPv4 else {
        bytes.storeBytes(of: UInt16(AF_INET6), as: UInt16.self)
        bytes.storeBytes(of: high, toByteOffset: 8, as: UInt64.self)
        bytes.storeBytes(of: low, toByteOffset: 16, as: UInt64.self)
        bytes.storeBytes(of: address.scope, toByteOffset: 24, as: UInt32.self)
        return NIOCore.SocketAddress(bytes.load(as: sockaddr_in6.self))
      }
      bytes.storeBytes(of: UInt16(AF_INET), as: UInt16.self)
      bytes.storeBytes(of: address.ip.v4.bigEndian, toByteOffset: 4, as: UInt32.self)
      return NIOCore.SocketAddress(bytes.load(as: sockaddr_in.self))
    }
  }
}

extension MeshModel.SocketAddress {
  /// The same address as we have it; nil for one of a Unix socket.
  init?(_ address: NIOCore.SocketAddress) {
    let port = UInt16(truncatingIfNeeded: address.port ?? 0)
    switch address {
    case .v4(let v4):
      let ip = withUnsafeBytes(of: v4.address) { $0.loadUnaligned(fromByteOffset: 4, as: UInt32.self) }
      self.init(IPAddress(v4: UInt32(bigEndian: ip)), port: port)
    case .v6(let v6):
      self = withUnsafeBytes(of: v6.address) { bytes in
        let ip = IPAddress(
          high: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
          low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
        )
        return Self(ip, port: port, scope: bytes.loadUnaligned(fromByteOffset: 24, as: UInt32.self))
      }
    case .unixDomainSocket: return nil
    }
  }
}
