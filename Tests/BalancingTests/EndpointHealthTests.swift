import Balancing
import Testing

@Suite struct EndpointHealthTests {
  static let second: UInt64 = 1_000_000_000

  /// How long it is out after failing at `now_ns`, in steps of 10 ms; 0 where it is not.
  static func pause(_ health: EndpointHealth, now_ns: UInt64) -> UInt64 {
    var waited: UInt64 = 0
    while !health.isAvailable(now_ns: now_ns + waited) { waited += 10_000_000 }
    return waited
  }

  @Test("Three failures in a row put it out for a second at most; two, or a success between, do not")
  func threshold() {
    var random = FastRandom(seed: 1)
    var health = EndpointHealth()
    for _ in 0..<10 {
      health.failed(now_ns: 5, random: &random)
      health.failed(now_ns: 6, random: &random)
      #expect(health.isAvailable(now_ns: 6))
      health.succeeded()
    }
    for now in 7...9 as ClosedRange<UInt64> { health.failed(now_ns: now, random: &random) }
    #expect(health.isAvailable(now_ns: 9) == false)
    #expect((Self.second / 2...Self.second + 10_000_000).contains(Self.pause(health, now_ns: 9)))
  }

  @Test("After its pause one request probes it, and the others pass over until the outcome is told")
  func probe() {
    var random = FastRandom(seed: 2)
    var health = EndpointHealth()
    for _ in 0..<3 { health.failed(now_ns: 0, random: &random) }
    let now = 2 * Self.second
    #expect(health.isAvailable(now_ns: now))
    health.noteChosen(now_ns: now)
    #expect(health.isAvailable(now_ns: now) == false)
    #expect(health.isAvailable(now_ns: now + EndpointHealth.probe_ns) == true)
    health.succeeded()
    #expect(health.isAvailable(now_ns: now) == true)
    health.noteChosen(now_ns: now)
    #expect(health.isAvailable(now_ns: now) == true)
  }

  @Test("A dead endpoint costs few requests: its pauses grow up to a minute", arguments: [1, 2, 3, 4] as [UInt64])
  func grows(seed: UInt64) {
    var random = FastRandom(seed: seed)
    var health = EndpointHealth()
    var probes = 0
    var now: UInt64 = 0
    var longest: UInt64 = 0
    while now < 3_600 * Self.second {
      if health.isAvailable(now_ns: now) {
        probes += 1
        health.noteChosen(now_ns: now)
        health.failed(now_ns: now + 1, random: &random)
        longest = max(longest, Self.pause(health, now_ns: now + 1))
      }
      now += Self.second / 100
    }
    #expect((60...250).contains(probes), "\(probes)")
    #expect((50 * Self.second...60 * Self.second + 10_000_000).contains(longest))
  }

  @Test("Failures of requests that were under way when it was put out do not make the pause grow")
  func late() {
    var random = FastRandom(seed: 3)
    var health = EndpointHealth()
    for _ in 0..<1_000 { health.failed(now_ns: 0, random: &random) }
    #expect(Self.pause(health, now_ns: 0) <= Self.second + 10_000_000)
    health.noteChosen(now_ns: 1)
    #expect(Self.pause(health, now_ns: 0) <= Self.second + 10_000_000)
  }

  @Test("Endpoints that fail together come back at different times")
  func jitter() {
    var random = FastRandom(seed: 4)
    var pauses: Set<UInt64> = []
    for _ in 0..<50 {
      var health = EndpointHealth()
      for _ in 0..<3 { health.failed(now_ns: 0, random: &random) }
      pauses.insert(Self.pause(health, now_ns: 0))
    }
    #expect(pauses.count > 25)
  }

  @Test("The end of the clock does not trap")
  func endOfTime() {
    var random = FastRandom(seed: 5)
    var health = EndpointHealth()
    for _ in 0..<3 { health.failed(now_ns: .max, random: &random) }
    health.noteChosen(now_ns: .max)
    health.failed(now_ns: .max, random: &random)
    #expect(health.isAvailable(now_ns: 0) == false)
  }
}
