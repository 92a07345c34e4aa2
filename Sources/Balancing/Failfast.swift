/// Whether a cluster has been without an available endpoint for so long that requests are answered at once instead of
/// waiting for one (linkerd's failfast). Otherwise every client would wait its whole timeout, and hold memory
/// meanwhile.
public struct Failfast: BitwiseCopyable, Sendable {
  /// How long requests may wait for an endpoint: 3 s covers an endpoint's restart, and is less than clients' timeouts.
  @inlinable public static var timeout_ns: UInt64 { 3_000_000_000 }

  @inlinable static var never: UInt64 { .max }
  @usableFromInline var since_ns: UInt64 = Failfast.never

  /// A cluster that is not known to lack anything.
  @inlinable
  public init() {}

  /// No endpoint was available at `now_ns`.
  @inlinable
  public mutating func noteUnavailable(now_ns: UInt64) { since_ns = min(since_ns, now_ns) }

  /// An endpoint is available.
  @inlinable
  public mutating func noteAvailable() { since_ns = Self.never }

  /// Whether requests are to be answered at once, with 503.
  @inlinable
  public func isFailing(now_ns: UInt64) -> Bool { now_ns >= since_ns && now_ns &- since_ns >= Self.timeout_ns }
}
