/// A choice among the backends of a route, each as likely as its weight (Gateway API, HTTPBackendRef.weight).
public struct WeightedChoice: Sendable {
  /// Sums of the weights up to and with each backend.
  @usableFromInline let sums: [UInt64]

  /// A choice among `weights.count` backends; one with weight 0 is never chosen.
  public init(_ weights: [UInt32]) {
    var sum: UInt64 = 0
    sums = weights.map { weight in
      sum &+= UInt64(weight)
      return sum
    }
  }

  /// The index of the backend for one request; nil where every weight is 0 or there is no backend.
  ///
  /// It looks at one after the other: a rule has at most 16 backends (Gateway API).
  @inlinable
  public func pick(_ random: inout FastRandom) -> Int? {
    guard let total = sums.last, total > 0 else { return nil }
    let drawn = random.below(wide: total)
    var index = 0
    while sums[index] <= drawn { index &+= 1 }
    return index
  }
}
