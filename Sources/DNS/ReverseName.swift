internal import MeshModel

/// A name below `in-addr.arpa` (RFC 1035 section 3.5) or `ip6.arpa` (RFC 3596 section 2.5): an address back to front, or
/// the first part of one.
struct ReverseName {
  /// The bits that the labels give; those that they do not are zero.
  let address: IPAddress
  /// How many bits they give, as `IPPrefix` counts them in the family.
  let length: Int

  private static let v4Suffix = DomainName(labels: [Array("in-addr".utf8), Array("arpa".utf8)])
  private static let v6Suffix = DomainName(labels: [Array("ip6".utf8), Array("arpa".utf8)])

  /// Nil for another name, and for one whose labels are no octets or nibbles.
  init?(_ name: DomainName) {
    if let suffix = Self.v4Suffix, let count = name.labelsBefore(suffix), count <= 4 {
      var bits: UInt32 = 0
      for label in name.labels.prefix(count) {
        let text = String(decoding: label, as: UTF8.self)
        guard let octet = UInt8(text), String(octet) == text else { return nil }
        bits = bits >> 8 | UInt32(octet) << 24
      }
      address = IPAddress(v4: bits)
      length = count * 8
    } else if let suffix = Self.v6Suffix, let count = name.labelsBefore(suffix), count <= 32 {
      var (high, low): (UInt64, UInt64) = (0, 0)
      for label in name.labels.prefix(count) {
        guard label.count == 1, let digit = label.first, digit != UInt8(ascii: "+"),
          let nibble = UInt64(String(decoding: [digit], as: UTF8.self), radix: 16)
        else { return nil }
        low = low >> 4 | high << 60
        high = high >> 4 | nibble << 60
      }
      address = IPAddress(high: high, low: low)
      length = count * 4
    } else {
      return nil
    }
  }

  /// Whether the labels give a whole address.
  var isWhole: Bool { length == (isIPv4 ? 32 : 128) }

  /// How many of its labels lie before the name of `block`, cut to whole labels; nil where it is not within.
  func labelsBelow(_ block: IPPrefix) -> Int? {
    let step = isIPv4 ? 8 : 4
    // A /4 has no name of its own: its addresses lie below sixteen names of one octet.
    let apex = (block.length + step - 1) / step * step
    guard length >= apex, block.contains(address) else { return nil }
    return (length - apex) / step
  }

  private var isIPv4: Bool { address.isIPv4 }
}
