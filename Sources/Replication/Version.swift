/// A place in the sequence of all that one owner ever wrote.
public struct Version: Hashable, Comparable, Sendable {
  /// Grows with every start of the owner's agent, so that one that lost its disk is never behind its own past.
  public var epoch: UInt64
  /// Grows by one with every record and every head of the epoch.
  public var sequence: UInt64

  /// The version of that epoch and sequence.
  public init(epoch: UInt64, sequence: UInt64) {
    self.epoch = epoch
    self.sequence = sequence
  }

  /// Before everything.
  public static let zero = Version(epoch: 0, sequence: 0)

  /// By epoch, then by sequence.
  public static func < (left: Self, right: Self) -> Bool {
    left.epoch == right.epoch ? left.sequence < right.sequence : left.epoch < right.epoch
  }
}

/// What a replica holds of an owner: how far, and what.
///
/// The digest only matters if an owner signed two sets under one version. Then the greater is taken everywhere.
struct Position: Hashable, Comparable, Sendable {
  var last: Version
  var digest: SetDigest

  static func < (left: Self, right: Self) -> Bool {
    left.last == right.last ? left.digest.value < right.digest.value : left.last < right.last
  }
}
