@testable import Balancing
import Testing

@Suite struct DecayTests {
  @Test(
    "The exponential is right to six digits",
    arguments: [
      (0, 1), (0.001, 0.999_000_499_833), (0.346, 0.707_512_487_107), (0.347, 0.706_805_328_258),
      (1, 0.367_879_441_171),
      (2.5, 0.082_084_998_623), (10, 4.539_992_976_25e-5), (40, 4.248_354_255_29e-18),
    ] as [(Double, Double)]
  )
  func values(age: Double, expected: Double) {
    #expect(abs(decay(age: age) / expected - 1) < 2e-7, "\(decay(age: age))")
  }

  @Test("It falls steadily, and is never above 1 or below 0")
  func falls() {
    var before = 1.0
    for step in 1...60_000 {
      let now = decay(age: Double(step) / 1_000)
      guard now < before || now == 0 && before < 1e-18, now >= 0 else {
        Issue.record("at \(step) ms it is \(now) after \(before)")
        return
      }
      before = now
    }
  }

  @Test("Ages that are negative, endless or no number do not trap")
  func odd() {
    #expect(decay(age: -1) == 1)
    #expect(decay(age: .infinity) == 0)
    #expect(decay(age: .nan) == 0)
    #expect(decay(age: -.infinity) == 1)
  }
}
