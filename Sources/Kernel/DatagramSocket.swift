internal import CLinux
internal import Glibc
public import MeshModel

/// UDP sockets, non-blocking and closed on exec (udp(7)).
extension FileDescriptor {
  /// Takes what comes to `address`; fails where somebody has it already. IPv6 is IPv6 only, as for listeners.
  public static func datagrams(on address: SocketAddress) throws(SystemError) -> FileDescriptor {
    let descriptor = try datagrams(like: address)
    if !address.ip.isIPv4 { descriptor.set(Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
    let status = address.withKernelAddress { bind(descriptor.raw, $0, $1) }
    guard status == 0 else { throw SystemError("bind", "\(address)/udp") }
    return descriptor
  }

  /// Sends to `address` and takes what comes from there, errors included.
  public static func datagrams(to address: SocketAddress) throws(SystemError) -> FileDescriptor {
    let descriptor = try datagrams(like: address)
    let status = address.withKernelAddress { connect(descriptor.raw, $0, $1) }
    guard status == 0 else { throw SystemError("connect", "\(address)/udp") }
    return descriptor
  }

  /// Takes the next message into `buffer`, of which it may fill less than came, and sends what `answer` makes of it there to
  /// whoever sent it: that many of the buffer's first bytes, none for 0. An answer that the kernel does not take is dropped.
  ///
  /// - Returns: False where no message waits.
  public func answerDatagram(in buffer: UnsafeMutableRawBufferPointer, _ answer: (UnsafeMutableRawBufferPointer) -> Int)
    -> Bool
  {
    var sender = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &sender) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { sender in
        let count = recvfrom(raw, buffer.baseAddress, buffer.count, 0, sender, &size)
        guard count >= 0 else { return false }
        let length = answer(UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]))
        if length > 0 { _ = sendto(raw, buffer.baseAddress, min(length, buffer.count), 0, sender, size) }
        return true
      }
    }
  }

  private static func datagrams(like address: SocketAddress) throws(SystemError) -> FileDescriptor {
    let number = socket(
      address.kernelFamily,
      Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue),
      0
    )
    guard number >= 0 else { throw SystemError("socket", "\(address)/udp") }
    return FileDescriptor(owning: number)
  }
}
