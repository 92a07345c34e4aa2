/// An IP address and a TCP or UDP port: one end of a flow.
public struct SocketAddress: Hashable, Sendable, BitwiseCopyable {
  /// The address.
  public let ip: IPAddress
  /// The interface index an IPv6 link-local address is meant on; 0 elsewhere (`sin6_scope_id`).
  public let scope: UInt32
  /// The TCP or UDP port.
  public let port: UInt16

  /// One end of a flow.
  @inlinable
  public init(_ ip: IPAddress, port: UInt16, scope: UInt32 = 0) {
    self.ip = ip
    self.port = port
    self.scope = scope
  }
}

extension SocketAddress: LosslessStringConvertible {
  /// Parses `192.0.2.1:80` or `[2001:db8::1]:80`; nil for anything else.
  public init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":") else { return nil }
    let host = text[..<colon]
    let digits = text[text.index(after: colon)...]
    guard !digits.isEmpty, digits.allSatisfy(\.isASCII), digits.allSatisfy(\.isNumber),
      let port = UInt16(digits)
    else { return nil }
    let bracketed = host.hasPrefix("[") && host.hasSuffix("]")
    let bare = bracketed ? host.dropFirst().dropLast() : host
    guard let ip = IPAddress(String(bare)), bracketed == bare.contains(":") else { return nil }
    self.init(ip, port: port)
  }

  /// The form that the initializer parses.
  public var description: String {
    ip.isIPv4 ? "\(ip):\(port)" : "[\(ip)]:\(port)"
  }
}
