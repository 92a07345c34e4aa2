/// A firewall mark and the bits of it that count (SO_MARK in socket(7)).
struct PacketMark: Hashable, Sendable {
  let value: UInt32
  let mask: UInt32
}

extension PacketMark: LosslessStringConvertible {
  /// Parses `1337`, `0x539` or `0x500/0xf00`; nil for anything else, and for a value outside its mask,
  /// which no packet could ever match.
  init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(Self.word)
    switch parts.count {
    case 1:
      guard let value = parts[0] else { return nil }
      self.init(value: value, mask: .max)
    case 2:
      guard let value = parts[0], let mask = parts[1], value & ~mask == 0, mask != 0 else { return nil }
      self.init(value: value, mask: mask)
    default: return nil
    }
  }

  private static func word(_ digits: Substring) -> UInt32? {
    guard digits.utf8.allSatisfy({ $0 != UInt8(ascii: "+") }) else { return nil }
    return digits.hasPrefix("0x") ? UInt32(digits.dropFirst(2), radix: 16) : UInt32(digits)
  }

  /// As `iptables-save` prints it.
  var description: String {
    let hex = "0x" + String(value, radix: 16)
    return mask == .max ? hex : hex + "/0x" + String(mask, radix: 16)
  }
}
