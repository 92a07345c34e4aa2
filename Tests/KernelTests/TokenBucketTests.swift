import Kernel
import Testing

@Suite struct TokenBucketTests {
  @Test("Tokens come back at the rate, up to the burst")
  func refill() {
    var bucket = TokenBucket(burst: 3, perSecond: 2)
    #expect((0..<10).filter { _ in bucket.take(now_ns: 0) }.count == 3)
    #expect(bucket.take(now_ns: 499_999_999) == false)
    #expect(bucket.take(now_ns: 500_000_000) == true)
    #expect(bucket.take(now_ns: 500_000_000) == false)
    #expect((0..<10).filter { _ in bucket.take(now_ns: 60_000_000_000) }.count == 3)
  }

  @Test("A clock that jumps back or far ahead neither traps nor gives more than the burst")
  func jumps() {
    var bucket = TokenBucket(burst: 2, perSecond: 1_000_000_000)
    #expect(bucket.take(now_ns: 1_000) == true)
    #expect(bucket.take(now_ns: 0) == true)
    #expect(bucket.take(now_ns: 500) == false)
    #expect((0..<10).filter { _ in bucket.take(now_ns: .max) }.count == 2)
  }

  @Test("A reserve is left untouched, even one larger than the burst")
  func reserve() {
    var bucket = TokenBucket(burst: 4, perSecond: 1)
    #expect((0..<10).filter { _ in bucket.take(now_ns: 0, leaving: 3) }.count == 1)
    #expect(bucket.take(now_ns: 0, leaving: .max) == false)
    #expect(bucket.take(now_ns: 0) == true)
  }
}
