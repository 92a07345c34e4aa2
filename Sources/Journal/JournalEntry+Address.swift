internal import Glibc
public import MeshModel

/// Addresses as values, written without making a `String` of them.
extension JournalEntry {
  /// Adds `192.0.2.1:80` or `[2001:db8::1]:80` to the open field's value.
  public mutating func write(_ address: SocketAddress) {
    if address.ip.isIPv4 {
      write(address.ip)
    } else {
      write("[")
      write(address.ip)
      write("]")
    }
    write(":")
    write(address.port)
  }

  /// Adds dotted IPv4, or IPv6 as RFC 5952 writes it, to the open field's value.
  public mutating func write(_ ip: IPAddress) {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { text in
      guard let base = text.baseAddress else { return }
      if ip.isIPv4 {
        var bits = ip.v4.bigEndian
        inet_ntop(AF_INET, &bits, base, socklen_t(INET6_ADDRSTRLEN))
      } else {
        var words = (ip.high.bigEndian, ip.low.bigEndian)
        inet_ntop(AF_INET6, &words, base, socklen_t(INET6_ADDRSTRLEN))
      }
      write(bytes: UnsafeRawBufferPointer(start: base, count: strlen(base)))
    }
  }
}
