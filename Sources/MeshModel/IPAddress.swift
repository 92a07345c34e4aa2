/// An IPv4 or IPv6 address, as 128 bits in host order.
///
/// IPv4 is held in its IPv4-mapped form (RFC 4291 section 2.5.5.2), so an address has one representation
/// however a program spelt it, and prefixes of both families compare by the same two words.
public struct IPAddress: Hashable, Sendable, BitwiseCopyable {
  /// The first 64 bits.
  public let high: UInt64
  /// The last 64 bits.
  public let low: UInt64

  /// An address from its words in host order.
  @inlinable
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// An IPv4 address from its 32 bits in host order: `0x7f000001` is 127.0.0.1.
  @inlinable
  public init(v4 bits: UInt32) {
    self.init(high: 0, low: 0xffff_0000_0000 | UInt64(bits))
  }

  /// Whether the address is IPv4, held in its mapped form.
  @inlinable public var isIPv4: Bool { high == 0 && low >> 32 == 0xffff }

  /// The 32 bits of an IPv4 address in host order; for an IPv6 address its last 32 bits.
  @inlinable public var v4: UInt32 { UInt32(truncatingIfNeeded: low) }

  /// 127.0.0.0/8 or ::1.
  @inlinable public var isLoopback: Bool {
    isIPv4 ? v4 >> 24 == 127 : high == 0 && low == 1
  }

  /// 0.0.0.0 or `::`.
  @inlinable public var isUnspecified: Bool { high == 0 && (low == 0 || low == 0xffff_0000_0000) }

  /// fe80::/10, which needs an interface to be dialled.
  @inlinable public var isLinkLocalIPv6: Bool { high >> 54 == 0x3fa }
}

extension IPAddress: LosslessStringConvertible {
  /// Parses dotted IPv4 or RFC 4291 IPv6 text; nil for anything else, zone suffixes included.
  public init?(_ text: String) {
    var text = text
    guard let address = text.withUTF8({ IPAddress(text: UnsafeRawBufferPointer($0)) }) else { return nil }
    self = address
  }

  /// The canonical text: dotted IPv4, or IPv6 as RFC 5952 writes it.
  public var description: String {
    IPAddressText(self).withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
  }
}

extension IPAddress: Comparable {
  /// Orders by value: all of IPv4 lies together.
  @inlinable
  public static func < (left: IPAddress, right: IPAddress) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }
}
