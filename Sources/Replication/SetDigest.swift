/// 128 bits that stand for a set of records, whatever their order: the sum of their hashes.
///
/// It shows what a peer left out, and guards nothing more: sums can be forged by one who may choose the terms (Wagner,
/// 2002), therefore every record carries its own signature.
public struct SetDigest: Hashable, Sendable {
  /// The sum, modulo 2^128.
  public var value: UInt128

  /// A digest with that sum.
  public init(value: UInt128) { self.value = value }

  /// The digest of nothing.
  public static let empty = SetDigest(value: 0)

  /// Adds a record's hash.
  static func += (sum: inout SetDigest, hash: SetDigest) { sum.value &+= hash.value }

  /// Takes a record's hash away.
  static func -= (sum: inout SetDigest, hash: SetDigest) { sum.value &-= hash.value }
}
