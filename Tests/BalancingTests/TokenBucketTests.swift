import Balancing
import Testing

@Suite struct TokenBucketTests {
  static let second: UInt64 = 1_000_000_000

  @Test("A full bucket grants its tokens at once, then says when the next one comes, to the nanosecond")
  func burst() {
    var bucket = TokenBucket(tokens: 3, per_ns: Self.second, now_ns: 77)
    #expect((0..<3).allSatisfy { _ in bucket.take(now_ns: 77) == .granted })
    #expect(bucket.take(now_ns: 77) == .refused(retryAfter_ns: 333_333_334))
    #expect(bucket.take(now_ns: 77 + 333_333_333) == .refused(retryAfter_ns: 1))
    #expect(bucket.take(now_ns: 77 + 333_333_334) == .granted)
    #expect(bucket.take(now_ns: 77 + 333_333_334) == .refused(retryAfter_ns: 333_333_333))
  }

  @Test("An idle bucket holds no more than its tokens")
  func capped() {
    var bucket = TokenBucket(tokens: 2, per_ns: Self.second, now_ns: 0)
    let late = 1_000_000 * Self.second
    #expect((0..<10).filter { _ in bucket.take(now_ns: late) == .granted }.count == 2)
  }

  @Test(
    "Asked at any moments, a greedy client gets exactly the burst and what the rate gave since, for a year",
    arguments: [(2, 1), (3, 1), (7, 1_000), (1_000, 1), (10_007, 60), (5, 3_600)] as [(UInt32, UInt64)],
    [1, 2] as [UInt64]
  )
  func exact(limit: (tokens: UInt32, per_s: UInt64), seed: UInt64) {
    let per_ns = limit.per_s * Self.second
    var random = FastRandom(seed: seed)
    let start = random.below(wide: 1 << 60)
    var bucket = TokenBucket(tokens: limit.tokens, per_ns: per_ns, now_ns: start)
    var granted: UInt64 = 0
    var elapsed: UInt64 = 0
    let year = 31_557_600 * Self.second
    // Steps of up to half a period: a bucket of two tokens or more then never fills up, and loses nothing.
    let longest = per_ns / 2
    while elapsed < year, granted < 50_000 {
      while bucket.take(now_ns: start + elapsed) == .granted { granted += 1 }
      let product = elapsed.multipliedFullWidth(by: UInt64(limit.tokens))
      let expected = UInt64(limit.tokens) + per_ns.dividingFullWidth(product).quotient
      guard granted == expected else {
        Issue.record("after \(elapsed) ns \(granted) were granted, not \(expected)")
        return
      }
      elapsed += 1 + random.below(wide: random.below(2) == 0 ? longest : longest / 1_000)
    }
  }

  @Test("Waiting as told is enough, and a nanosecond less is not", arguments: [1, 3, 7, 1_000, 999_983] as [UInt32])
  func waits(tokens: UInt32) {
    var bucket = TokenBucket(tokens: tokens, per_ns: 10 * Self.second, now_ns: 0)
    var now: UInt64 = 0
    var waits = 0
    for _ in 0..<tokens + 500 {
      guard case .refused(let wait) = bucket.take(now_ns: now) else { continue }
      waits += 1
      var early = bucket
      guard wait > 0, wait <= 10 * Self.second / UInt64(tokens) + 1,
        early.take(now_ns: now + wait - 1) == .refused(retryAfter_ns: 1), bucket.take(now_ns: now + wait) == .granted
      else {
        Issue.record("at \(now) ns: told to wait \(wait) ns")
        return
      }
      now += wait
    }
    #expect(waits > 100)
  }

  @Test("More tokens than nanoseconds, none at all, no period, and the ends of the clock do not trap")
  func odd() {
    var fast = TokenBucket(tokens: 10, per_ns: 3, now_ns: 0)
    #expect((0..<20).filter { _ in fast.take(now_ns: 0) == .granted }.count == 10)
    #expect((0..<20).filter { _ in fast.take(now_ns: 1) == .granted }.count == 3)
    var none = TokenBucket(tokens: 0, per_ns: 9, now_ns: 0)
    #expect(none.take(now_ns: 100) == .refused(retryAfter_ns: 9))
    var unlimited = TokenBucket(tokens: 1, per_ns: 0, now_ns: 0)
    #expect((0..<20).allSatisfy { _ in unlimited.take(now_ns: 0) == .granted })
    var endless = TokenBucket(tokens: 1, per_ns: .max, now_ns: .max)
    #expect(endless.take(now_ns: .max) == .granted)
    #expect(endless.take(now_ns: .max) != .granted)
    var backwards = TokenBucket(tokens: 1, per_ns: 10, now_ns: 1_000)
    #expect(backwards.take(now_ns: 1_000) == .granted)
    #expect(backwards.take(now_ns: 0) == .refused(retryAfter_ns: 10))
    #expect(backwards.take(now_ns: 1_010) == .granted)
  }
}
