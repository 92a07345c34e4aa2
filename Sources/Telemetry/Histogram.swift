/// A histogram with fixed bounds, held in cells of a worker's `CounterBank`: one for each bucket, one for what exceeds
/// the last bound, one for the sum.
public struct Histogram: Sendable {
  /// Milliseconds that suit both a connect inside a data centre and a connection that lasts an hour.
  public static let durationBounds_ms: [UInt64] = [
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000,
  ]

  /// Upper bounds, each included in its bucket, ascending.
  public let bounds: [UInt64]

  /// A histogram with the bounds given, which ascend.
  public init(bounds: [UInt64] = Histogram.durationBounds_ms) { self.bounds = bounds }

  /// Cells one series takes.
  public var cells: Int { bounds.count + 2 }

  /// Counts `value` in the series whose cells begin at `base`. Only the bank's own thread may call this.
  public func record(_ value: UInt64, in bank: CounterBank, at base: Int) {
    bank.add(1, at: base + bucket(of: value))
    bank.add(value, at: base + sumCell)
  }

  /// The cell of the bucket that `value` belongs to.
  func bucket(of value: UInt64) -> Int {
    // Short connections are the many, and their buckets come first.
    var bucket = 0
    while bucket < bounds.count, value > bounds[bucket] { bucket += 1 }
    return bucket
  }

  /// The cell of the sum.
  var sumCell: Int { bounds.count + 1 }
}
