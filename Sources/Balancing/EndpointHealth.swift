/// Whether an endpoint takes connections, as seen by one worker: after a few failures in a row it is passed over for a
/// while, longer each time, then probed by one request.
///
/// It never asks whether others are left: where all are out, the owner asks `Balancer.pickLeastBad`.
public struct EndpointHealth: BitwiseCopyable, Sendable {
  /// Failures in a row that put it out: one may be a lost segment, two a restart; three requests are a small price.
  public static let toleratedFailures: UInt8 = 3
  /// How long it is out the first time, at most: about a restart.
  public static let firstPause_ns: UInt64 = 1_000_000_000
  /// How long it is out at most: a minute, so that one that is back is found by then.
  public static let longestPause_ns: UInt64 = 60_000_000_000
  /// How long others wait for the outcome of a probe. It is nearly always told sooner; this is for the request whose
  /// client left before.
  public static let probe_ns: UInt64 = 5_000_000_000

  @usableFromInline var outUntil_ns: UInt64 = 0
  var failures: UInt8 = 0
  var pauses: UInt8 = 0
  var isProbed = false

  /// An endpoint that nothing is known about: it is available.
  public init() {}

  /// It took a connection, or answered.
  public mutating func succeeded() { self = EndpointHealth() }

  /// It did not, at `now_ns`.
  public mutating func failed(now_ns: UInt64, random: inout FastRandom) {
    // Those that were under way when it was put out say nothing new, and shall not make the pause grow.
    guard isProbed || now_ns >= outUntil_ns else { return }
    failures = min(failures + 1, Self.toleratedFailures)
    guard failures == Self.toleratedFailures else { return }
    let pause_ns = Backoff.delay_ns(
      attempt: Int(pauses),
      base_ns: Self.firstPause_ns,
      longest_ns: Self.longestPause_ns,
      random: &random
    )
    let (end, overflow) = now_ns.addingReportingOverflow(pause_ns)
    outUntil_ns = overflow ? .max : end
    pauses = min(pauses + 1, 63)
    isProbed = false
  }

  /// A request is sent there at `now_ns`. After a pause it is the probe: others pass over until its outcome is told.
  public mutating func noteChosen(now_ns: UInt64) {
    guard failures == Self.toleratedFailures, now_ns >= outUntil_ns else { return }
    let (end, overflow) = now_ns.addingReportingOverflow(Self.probe_ns)
    outUntil_ns = overflow ? .max : end
    isProbed = true
  }

  /// Whether requests may go there at `now_ns`.
  @inlinable
  public func isAvailable(now_ns: UInt64) -> Bool { now_ns >= outUntil_ns }
}
