/// A CIDR block of either family (RFC 4632, RFC 4291 section 2.3), such as `10.0.0.0/8` or `2001:db8::/32`.
public struct IPPrefix: Hashable, Sendable, BitwiseCopyable {
  /// The network address; bits beyond the length are zero.
  public let network: IPAddress
  /// Leading bits that must match in the 128-bit form; an IPv4 block's own length plus 96.
  public let bits: UInt8

  /// The block that holds `address`; nil where the length exceeds the family's (32 or 128).
  public init?(_ address: IPAddress, length: Int) {
    guard length >= 0, length <= (address.isIPv4 ? 32 : 128) else { return nil }
    let bits = address.isIPv4 ? length + 96 : length
    self.bits = UInt8(bits)
    self.network = IPAddress(
      high: address.high & Self.mask(bits),
      low: address.low & Self.mask(bits - 64)
    )
  }

  /// A word whose first `count` bits are set; none below 0, all from 64 on.
  @inlinable
  static func mask(_ count: Int) -> UInt64 {
    count <= 0 ? 0 : count >= 64 ? .max : ~(.max >> UInt64(count))
  }

  /// Whether `address` lies in this block.
  @inlinable
  public func contains(_ address: IPAddress) -> Bool {
    // `::/0` does not cover IPv4: the families are apart in every document a user writes.
    (address.high ^ network.high) & Self.mask(Int(bits)) == 0
      && (address.low ^ network.low) & Self.mask(Int(bits) - 64) == 0
      && address.isIPv4 == network.isIPv4
  }

  /// Whether every address of `other` lies in this block.
  public func contains(_ other: IPPrefix) -> Bool {
    bits <= other.bits && contains(other.network)
  }

  /// The length as the family writes it: 0 to 32, or 0 to 128.
  public var length: Int { network.isIPv4 && bits >= 96 ? Int(bits) - 96 : Int(bits) }
}

extension IPPrefix: LosslessStringConvertible {
  /// Parses `ADDRESS/LENGTH`; nil for anything else, a missing length included.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let address = IPAddress(String(parts[0])), let length = Int(parts[1]),
      String(length) == parts[1]
    else { return nil }
    self.init(address, length: length)
  }

  /// The network and the length, as the initializer parses them.
  public var description: String { "\(network)/\(length)" }
}
