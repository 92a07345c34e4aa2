/// What a rate limit says of one request.
public enum RateVerdict: Equatable, Sendable, BitwiseCopyable {
  /// A token was there and is taken.
  case granted
  /// None was there; one will be after so many nanoseconds. Round up for `Retry-After` (RFC 9110 section 10.2.3).
  case refused(retryAfter_ns: UInt64)
}

/// How full a token bucket is, kept as the time when it will be full again (the generic cell rate algorithm, ITU-T
/// I.371).
///
/// A time that has passed means a full bucket: one that was never used needs no other mark. Whole nanoseconds and a
/// fraction are kept apart, so that nothing is rounded: a bucket neither loses nor invents tokens, however long it
/// runs.
@usableFromInline
struct BucketLevel: BitwiseCopyable, Sendable {
  @usableFromInline var full_ns: UInt64 = 0
  /// Beyond `full_ns`, in parts of a nanosecond: so many of `tokens`.
  @usableFromInline var fraction: UInt32 = 0

  @inlinable init() {}

  /// The longest period and the latest time, 73 and 292 years: what is beyond is taken for that, so no sum overflows.
  @inlinable static var longestPeriod_ns: UInt64 { 1 << 61 }
  @inlinable static var latest_ns: UInt64 { 1 << 63 }

  /// Takes one token at `now_ns` from a bucket of `tokens` that fills up in `per_ns`.
  ///
  /// The limit may change between two calls: a bucket is never emptier than the new one can be.
  @inlinable
  mutating func take(tokens: UInt32, per_ns: UInt64, now_ns: UInt64) -> RateVerdict {
    guard tokens > 0 else { return .refused(retryAfter_ns: per_ns) }
    guard per_ns > 0 else { return .granted }
    let now_ns = min(now_ns, Self.latest_ns)
    let per_ns = min(per_ns, Self.longestPeriod_ns)
    let empty_ns = now_ns &+ per_ns
    if full_ns < now_ns { (full_ns, fraction) = (now_ns, 0) }
    if full_ns > empty_ns { (full_ns, fraction) = (empty_ns, 0) }
    if fraction >= tokens { fraction = 0 }
    // One token takes per_ns / tokens to come back: whole nanoseconds, and a fraction that carries.
    let (whole, part) = per_ns.quotientAndRemainder(dividingBy: UInt64(tokens))
    let parts = UInt64(fraction) &+ part
    let carry: UInt64 = parts >= UInt64(tokens) ? 1 : 0
    let due_ns = full_ns &+ whole &+ carry
    let rest = UInt32(truncatingIfNeeded: parts &- carry &* UInt64(tokens))
    guard due_ns < empty_ns || due_ns == empty_ns && rest == 0 else {
      return .refused(retryAfter_ns: due_ns &- empty_ns &+ (rest > 0 ? 1 : 0))
    }
    (full_ns, fraction) = (due_ns, rest)
    return .granted
  }

  /// How many could be taken at `now_ns` of a bucket of `tokens` that fills up in `per_ns`, one after the other.
  func remaining(tokens: UInt32, per_ns: UInt64, now_ns: UInt64) -> UInt32 {
    guard tokens > 0, per_ns > 0 else { return tokens }
    let now_ns = min(now_ns, Self.latest_ns)
    let per_ns = min(per_ns, Self.longestPeriod_ns)
    guard full_ns >= now_ns else { return tokens }
    guard full_ns < now_ns &+ per_ns else { return 0 }
    // Of what is short of full, in parts of a nanosecond, each token is worth `per_ns`.
    let room = UInt128(now_ns &+ per_ns &- full_ns) * UInt128(tokens)
    return UInt32(clamping: (room - min(room, UInt128(fraction < tokens ? fraction : 0))) / UInt128(per_ns))
  }
}
