/// A network interface's name, or a prefix of names ending in `+` as iptables writes it (`tap+`).
struct InterfaceName: Hashable, Sendable {
  /// IFNAMSIZ (linux/if.h) less the closing zero.
  static let longestBytes = 15

  let text: String
}

extension InterfaceName: LosslessStringConvertible {
  /// Nil unless 1 to 15 letters, digits or `_ . : @ -`, not opening with `-`, with at most a closing `+`.
  ///
  /// The kernel allows more, but nothing that a rule's text could take for something else is let through.
  init?(_ text: String) {
    let stem = text.hasSuffix("+") ? text.utf8.dropLast() : text.utf8[...]
    guard !stem.isEmpty, text.utf8.count <= Self.longestBytes, stem.first != UInt8(ascii: "-"),
      text != ".", text != "..", stem.allSatisfy(Self.isAllowed)
    else { return nil }
    self.text = text
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: ":"),
      UInt8(ascii: "@"), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  var description: String { text }
}
