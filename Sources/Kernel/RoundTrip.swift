public import CLinux
internal import Glibc

extension FileDescriptor {
  /// The round trip of a TCP connection as the kernel measured it, smoothed, in microseconds: right after the handshake,
  /// that of the handshake. Taken as the packets came, however late the program that asks is. tcp(7) TCP_INFO,
  /// tcpi_rtt (linux/tcp.h); nil where the descriptor is no TCP connection, or nothing was measured yet.
  @inlinable
  public func roundTrip_us() -> UInt64? {
    var info = tcp_info()
    var size = socklen_t(MemoryLayout<tcp_info>.size)
    guard getsockopt(raw, Int32(IPPROTO_TCP), TCP_INFO, &info, &size) == 0,
      Int(size) >= MemoryLayout<tcp_info>.size, info.tcpi_rtt > 0
    else { return nil }
    return UInt64(info.tcpi_rtt)
  }
}
