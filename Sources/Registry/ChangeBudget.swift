/// How many changes each user has left: a bucket for each, filled with time.
struct ChangeBudget: Sendable {
  private struct Bucket: Sendable {
    var tokens: Double
    var at_ms: UInt64
  }

  private var buckets: [UInt32: Bucket] = [:]

  /// Whether `user` may change something at `now_ms`; it is counted then.
  mutating func take(_ user: UInt32, now_ms: UInt64) -> Bool {
    var bucket = buckets[user] ?? Bucket(tokens: RegistryLimit.changeBurst, at_ms: now_ms)
    let passed_s = Double(now_ms - min(now_ms, bucket.at_ms)) / 1_000
    bucket.tokens = min(RegistryLimit.changeBurst, bucket.tokens + passed_s * RegistryLimit.changesPerSecond)
    bucket.at_ms = now_ms
    let isEnough = bucket.tokens >= 1
    if isEnough { bucket.tokens -= 1 }
    if buckets[user] == nil, buckets.count >= RegistryLimit.countedUsers,
      let quietest = buckets.min(by: { $0.value.at_ms < $1.value.at_ms })?.key
    {
      buckets[quietest] = nil
    }
    buckets[user] = bucket
    return isEnough
  }
}
