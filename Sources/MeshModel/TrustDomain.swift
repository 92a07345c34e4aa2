/// The part of an identity that names who vouches for it: one mesh with one set of roots (SPIFFE-ID section 2.1).
public struct TrustDomain: Hashable, Sendable, CustomStringConvertible {
  /// Longest name, in bytes (SPIFFE-ID section 2.3).
  public static let maxBytes = 255

  /// Its text.
  public let name: String

  /// A trust domain's name, without scheme: lower-case letters, digits, `.`, `-` and `_`.
  ///
  /// Upper case is refused rather than lowered, so that one domain has one text and texts can be compared as bytes.
  public init(_ name: String) throws(SPIFFEIDError) {
    guard !name.isEmpty else { throw .emptyTrustDomain }
    guard name.utf8.count <= Self.maxBytes else { throw .trustDomainTooLong(name.utf8.count) }
    for byte in name.utf8 where !Self.allows(byte) { throw .invalidTrustDomain(byte: byte) }
    self.name = name
  }

  /// The name.
  public var description: String { name }

  private static func allows(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
    default: false
    }
  }
}

extension TrustDomain: Comparable {
  /// By the bytes of the name.
  public static func < (left: Self, right: Self) -> Bool { left.name.utf8.lexicographicallyPrecedes(right.name.utf8) }
}
