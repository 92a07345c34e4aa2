@testable import Balancing
import Testing

@Suite struct FastRandomTests {
  @Test("The generator is xoshiro256**: from the state 1, 2, 3, 4 it gives what its authors' gives")
  func reference() {
    var random = FastRandom(seed: 0)
    (random.first, random.second, random.third, random.fourth) = (1, 2, 3, 4)
    // By hand for the first two; all four are those of the reference implementation.
    #expect((0..<4).map { _ in random.next() } == [11_520, 0, 1_509_978_240, 1_215_971_899_390_074_240])
  }

  @Test("The same seed gives the same numbers, a neighbouring one others")
  func seeds() {
    var (one, same, other) = (FastRandom(seed: 7), FastRandom(seed: 7), FastRandom(seed: 8))
    let numbers = (0..<100).map { _ in one.next() }
    #expect(numbers == (0..<100).map { _ in same.next() })
    #expect(Set(numbers).isDisjoint(with: (0..<100).map { _ in other.next() }))
  }

  @Test(
    "Each number below a bound comes up alike",
    arguments: [1, 2, 3, 7, 10, 100] as [UInt32],
    [1, 2, 3] as [UInt64]
  )
  func even(bound: UInt32, seed: UInt64) {
    var random = FastRandom(seed: seed)
    var counts = Array(repeating: 0, count: Int(bound))
    var wideCounts = counts
    let draws = 20_000 * Int(bound)
    for _ in 0..<draws {
      counts[Int(random.below(bound))] += 1
      wideCounts[Int(random.below(wide: UInt64(bound)))] += 1
    }
    // Five standard deviations of 20,000 are 707.
    for count in counts + wideCounts { #expect(abs(count - 20_000) < 708) }
  }

  @Test("A bound that does not divide the range is not favoured at its low end")
  func unbiased() {
    var random = FastRandom(seed: 5)
    let bound: UInt32 = 3 << 30
    let wide: UInt64 = 3 << 62
    let low = (0..<100_000).filter { _ in random.below(bound) % 3 == 0 }.count
    let lowWide = (0..<100_000).filter { _ in random.below(wide: wide) % 3 == 0 }.count
    #expect(abs(low - 33_333) < 750)
    #expect(abs(lowWide - 33_333) < 750)
  }

  @Test("Nothing is below 0 or 1 but 0")
  func trivialBounds() {
    var random = FastRandom(seed: 1)
    #expect(random.below(0) == 0)
    #expect(random.below(1) == 0)
    #expect(random.below(wide: 0) == 0)
    #expect((0..<1_000).allSatisfy { _ in random.below(.max) < .max })
  }

  @Test("Each bit of the numbers and identifiers is set half of the time")
  func bits() {
    var random = FastRandom(seed: 9)
    var counts = Array(repeating: 0, count: 64)
    for _ in 0..<10_000 {
      let word = random.identifier()
      for bit in 0..<64 where word & 1 << UInt64(bit) != 0 { counts[bit] += 1 }
    }
    for count in counts { #expect(abs(count - 5_000) < 250) }
  }

  @Test("Chances come true as often as said", arguments: [0, 1_000, 250_000, 999_000, 1_000_000, .max] as [UInt32])
  func chances(partsPerMillion: UInt32) {
    var random = FastRandom(seed: 3)
    let hits = (0..<1_000_000).filter { _ in random.chance(partsPerMillion: partsPerMillion) }.count
    let expected = Int(min(partsPerMillion, 1_000_000))
    let isCertain = expected == 0 || expected == 1_000_000
    #expect(abs(hits - expected) <= (isCertain ? 0 : 2_500))
  }

  @Test("An identifier is never 0")
  func identifiers() {
    var random = FastRandom(seed: 0)
    random.second = 0
    #expect(random.identifier() == 1)
  }
}
