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
    IPAddressText(ip).withUnsafeBytes { write(bytes: $0) }
  }
}
