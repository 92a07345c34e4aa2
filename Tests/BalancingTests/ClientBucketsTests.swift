@testable import Balancing
import Testing

@Suite struct ClientBucketsTests {
  static let second: UInt64 = 1_000_000_000

  @Test("Each client has its own bucket under each limit")
  func separate() {
    var buckets = ClientBuckets(seed: 1)
    for client in 0..<100 as Range<UInt64> {
      for limit in 0..<3 as Range<UInt32> {
        let verdicts = (0..<4).map { _ in
          buckets.take(high: client % 10, low: client, limit: limit, tokens: 3, per_ns: Self.second, now_ns: 5)
        }
        #expect(verdicts == [.granted, .granted, .granted, .refused(retryAfter_ns: 333_333_334)])
      }
    }
  }

  @Test("Clients that share all their places are told apart by each half of the key and by the limit")
  func collisions() {
    var buckets = ClientBuckets(capacity: 8, seed: 1)
    for (high, low, limit) in [(5, 5, 0), (6, 5, 0), (5, 6, 0), (5, 5, 1), (0, 0, 0)] as [(UInt64, UInt64, UInt32)] {
      let verdicts = (0..<2).map { _ in
        buckets.take(high: high, low: low, limit: limit, tokens: 1, per_ns: Self.second, now_ns: 5)
      }
      #expect(verdicts == [.granted, .refused(retryAfter_ns: Self.second)])
    }
  }

  @Test("At a quarter of its room the table forgets nobody", arguments: [1, 2, 3] as [UInt64])
  func keeps(seed: UInt64) {
    var buckets = ClientBuckets(seed: seed)
    let clients = 0..<UInt64(buckets.capacity / 4)
    for client in clients {
      _ = buckets.take(high: 0, low: client, limit: 0, tokens: 1, per_ns: Self.second, now_ns: 1)
    }
    let again = clients.filter {
      buckets.take(high: 0, low: $0, limit: 0, tokens: 1, per_ns: Self.second, now_ns: 2) == .granted
    }
    #expect(again == [])
  }

  @Test("A hundred times more clients than places are all served, and none is refused for another's sake")
  func bounded() {
    var buckets = ClientBuckets(capacity: 64, seed: 4)
    #expect(buckets.capacity == 64)
    for client in 0..<6_400 as Range<UInt64> {
      #expect(buckets.take(high: client, low: 0, limit: 9, tokens: 2, per_ns: Self.second, now_ns: 1) == .granted)
    }
    var known = 0
    for index in 0..<64 where buckets.places[index].level.full_ns > 1 { known += 1 }
    #expect(known == 64)
  }

  @Test(
    "A flood from many addresses does not make the table forget who is exhausted",
    arguments: [1, 2, 3] as [UInt64]
  )
  func flood(seed: UInt64) {
    var buckets = ClientBuckets(capacity: 64, seed: seed)
    for _ in 0..<10 { _ = buckets.take(high: 7, low: 7, limit: 0, tokens: 10, per_ns: Self.second, now_ns: 1) }
    for client in 0..<10_000 as Range<UInt64> {
      _ = buckets.take(high: 1, low: client, limit: 0, tokens: 10, per_ns: Self.second, now_ns: 2)
    }
    let verdict = buckets.take(high: 7, low: 7, limit: 0, tokens: 10, per_ns: Self.second, now_ns: 3)
    #expect(verdict == .refused(retryAfter_ns: Self.second / 10 - 2))
  }

  @Test("The room is a power of two within bounds")
  func capacity() {
    for (asked, given) in [(-5, 8), (0, 8), (9, 16), (4_096, 4_096), (5_000, 8_192), (.max, 1 << 20)] {
      let buckets = ClientBuckets(capacity: asked, seed: 0)
      #expect(buckets.capacity == given)
    }
    #expect(MemoryLayout<ClientBuckets.Place>.stride == 32)
  }
}
