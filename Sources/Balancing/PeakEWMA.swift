/// How slow an endpoint is: the peak-sensitive moving average of Finagle and linkerd2-proxy.
///
/// A latency above the average is taken at once; lower ones pull it down as time passes. Without news it falls towards
/// zero, so that an endpoint that was slow is tried again, one request at a time. Time is monotonic nanoseconds.
public struct PeakEWMA: BitwiseCopyable, Sendable {
  /// What an endpoint is taken for before its first answer, 30 ms as in linkerd: worse than a good one in the same data
  /// centre, so that a new endpoint is not flooded, and better than a bad one.
  @inlinable public static var defaultInitial_ns: Double { 30_000_000 }
  /// The time in which an old peak loses 63 % of its weight, 10 s as in linkerd: longer than a garbage collection or a
  /// restart, shorter than an operator's patience.
  @inlinable public static var defaultDecay_ns: UInt64 { 10_000_000_000 }
  /// The least a request costs, however far the average has fallen: times zero, pending requests would count nothing.
  @inlinable public static var leastCost_ns: Double { 1_000 }

  @usableFromInline var average_ns: Double
  @usableFromInline var updated_ns: UInt64
  @usableFromInline let perDecay: Double

  /// The average of an endpoint that was learned about at `now_ns` and is taken for `initial_ns` slow until it answers.
  @inlinable
  public init(
    initial_ns: Double = PeakEWMA.defaultInitial_ns,
    decay_ns: UInt64 = PeakEWMA.defaultDecay_ns,
    now_ns: UInt64
  ) {
    average_ns = initial_ns
    updated_ns = now_ns
    perDecay = 1 / Double(max(decay_ns, 1))
  }

  /// Takes in how long an answer took.
  @inlinable
  public mutating func observe(latency_ns: UInt64, now_ns: UInt64) {
    let latency = Double(latency_ns)
    if latency >= average_ns {
      average_ns = latency
    } else {
      average_ns = latency + (average_ns - latency) * decay(age: age(now_ns))
    }
    updated_ns = max(updated_ns, now_ns)
  }

  /// The average in nanoseconds, less what it lost since the last answer.
  @inlinable
  public func value(now_ns: UInt64) -> Double { average_ns * decay(age: age(now_ns)) }

  /// What one more request would cost: the average times the requests that would then be pending.
  @inlinable
  public func cost(pending: UInt32, now_ns: UInt64) -> Double {
    max(value(now_ns: now_ns), Self.leastCost_ns) * (Double(pending) + 1)
  }

  /// Time constants since the last answer; a clock that went backwards has not moved.
  @inlinable
  func age(_ now_ns: UInt64) -> Double { now_ns > updated_ns ? Double(now_ns &- updated_ns) * perDecay : 0 }
}
