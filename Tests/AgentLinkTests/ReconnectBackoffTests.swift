import AgentLink
import Testing

@Suite struct ReconnectBackoffTests {
  @Test("Waits double from 100 ms to 10 s, each between half and all of it", arguments: 0..<50)
  func doubles(_ seed: UInt64) {
    var backoff = ReconnectBackoff(seed: seed)
    for most: UInt64 in [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000] {
      #expect((most / 2...most).contains(backoff.lost(now_ms: 0)))
    }
    for _ in 0..<200 { #expect((5000...10_000).contains(backoff.lost(now_ms: 0))) }
  }

  @Test("Seeds differ, and the same seed waits the same")
  func seeds() {
    func waits(_ seed: UInt64) -> [UInt64] {
      var backoff = ReconnectBackoff(seed: seed)
      return (0..<10).map { _ in backoff.lost(now_ms: 0) }
    }
    #expect(waits(1) == waits(1))
    #expect(Set((0..<100).map(waits)).count == 100)
  }

  @Test("Only a connection that held for ten seconds begins the waits anew")
  func stability() {
    var backoff = ReconnectBackoff(seed: 3)
    for _ in 0..<5 { _ = backoff.lost(now_ms: 0) }
    backoff.connected(now_ms: 1000)
    #expect(backoff.lost(now_ms: 10_999) >= 1600, "it held for less")
    backoff.connected(now_ms: 20_000)
    #expect(backoff.lost(now_ms: 30_000) <= 100)
    #expect(backoff.lost(now_ms: 90_000) >= 100, "time without a connection is no stability")
  }
}
