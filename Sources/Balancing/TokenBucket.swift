/// A local rate limit: so many requests at once, and so many in each period in the long run.
public struct TokenBucket: BitwiseCopyable, Sendable {
  @usableFromInline var level = BucketLevel()
  @usableFromInline let tokens: UInt32
  @usableFromInline let per_ns: UInt64

  /// A full bucket of `tokens` that fills up in `per_ns` nanoseconds. Without tokens it refuses everything; with a
  /// period of 0 it grants everything.
  @inlinable
  public init(tokens: UInt32, per_ns: UInt64, now_ns: UInt64) {
    self.tokens = tokens
    self.per_ns = per_ns
    level.full_ns = min(now_ns, BucketLevel.latest_ns)
  }

  /// Takes a token at `now_ns`, if there is one.
  @inlinable
  public mutating func take(now_ns: UInt64) -> RateVerdict {
    level.take(tokens: tokens, per_ns: per_ns, now_ns: now_ns)
  }
}
