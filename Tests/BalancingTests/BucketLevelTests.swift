@testable import Balancing
import Testing

@Suite struct BucketLevelTests {
  @Test("A limit that changes under a bucket leaves it no emptier than the new one can be, and no fuller than full")
  func changes() {
    var random = FastRandom(seed: 2)
    var level = BucketLevel()
    var now: UInt64 = 1 << 40
    for _ in 0..<100_000 {
      let tokens = 1 + random.below([3, 1_000, .max][Int(random.below(3))])
      let per_ns = 1 + random.below(wide: [10, 1 << 30, 1 << 50][Int(random.below(3))])
      now += random.below(wide: 1 << 20)
      let verdict = level.take(tokens: tokens, per_ns: per_ns, now_ns: now)
      if case .refused(let wait) = verdict {
        guard wait > 0, wait <= per_ns / UInt64(tokens) + 1 else {
          Issue.record("told to wait \(wait) ns by \(tokens) per \(per_ns) ns")
          return
        }
      } else {
        #expect(level.full_ns >= now && level.full_ns <= now + per_ns && level.fraction < tokens)
      }
    }
  }

  @Test("One that was never used is full, and a refusal takes nothing")
  func unused() {
    var level = BucketLevel()
    #expect(level.take(tokens: 1, per_ns: 100, now_ns: 5_000) == .granted)
    let before = (level.full_ns, level.fraction)
    for _ in 0..<10 { #expect(level.take(tokens: 1, per_ns: 100, now_ns: 5_001) == .refused(retryAfter_ns: 99)) }
    #expect(before == (level.full_ns, level.fraction))
  }

  @Test("As many as remain can be taken, and no more")
  func remaining() {
    var random = FastRandom(seed: 3)
    var now: UInt64 = 1 << 40
    for _ in 0..<3_000 {
      var level = BucketLevel()
      let tokens = 1 + random.below(40)
      let per_ns = 1 + random.below(wide: [10, 1 << 30, 1 << 50][Int(random.below(3))])
      for _ in 0..<random.below(60) {
        now += random.below(wide: 1 + per_ns / UInt64(tokens) / 2)
        _ = level.take(tokens: tokens, per_ns: per_ns, now_ns: now)
      }
      let left = level.remaining(tokens: tokens, per_ns: per_ns, now_ns: now)
      var taken: UInt32 = 0
      while level.take(tokens: tokens, per_ns: per_ns, now_ns: now) == .granted, taken <= tokens { taken += 1 }
      #expect(taken == left, "of \(tokens) in \(per_ns) ns")
    }
  }
}
