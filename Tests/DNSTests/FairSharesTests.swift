import DNS
import Testing

@Suite("Shares of pods")
struct FairSharesTests {
  /// Takes all that `pod` may have.
  private func fill(_ shares: inout FairShares, _ pod: NamesPod) {
    for _ in 0...shares.places where shares.hasRoom(for: pod) { shares.take(pod) }
  }

  @Test("one pod has at most what one may have, and gets back what it gave back")
  func one() {
    var shares = FairShares(places: 100, most: 30)
    fill(&shares, .host)
    #expect(shares.count(of: .host) == 30 && shares.taken == 30)
    shares.giveBack(.host)
    #expect(shares.hasRoom(for: .host) && shares.taken == 29)
    shares.giveBack(NamesPod(7))
    #expect(shares.taken == 29)
  }

  @Test(
    "however many flood, something is left for the next, and what is given back goes to who has least",
    arguments: [1, 3, 8, 20] as [UInt64]
  )
  func many(count: UInt64) {
    var shares = FairShares(places: 1_000, most: 250)
    let pods = (1...count).map { NamesPod($0) }
    for pod in pods { fill(&shares, pod) }
    #expect(shares.taken <= 1_000)
    // Answers come to those who have most, and all of them ask for more at once.
    for _ in 0..<1_000 {
      guard let richest = pods.max(by: { shares.count(of: $0) < shares.count(of: $1) }) else { return }
      shares.giveBack(richest)
      for pod in pods where shares.hasRoom(for: pod) { shares.take(pod) }
    }
    let counts = pods.map { shares.count(of: $0) }
    #expect(counts.reduce(0, +) == shares.taken && shares.taken < 1_000)
    #expect(shares.hasRoom(for: NamesPod(count + 1)), "one that wants little gets it")
    #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 1)
  }
}
