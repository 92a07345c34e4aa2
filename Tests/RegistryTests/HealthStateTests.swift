import Registry
import Testing
import WeftTestKit

@Suite("Health states")
struct HealthStateTests {
  private struct Harness {
    let check: HealthCheck
    var state: HealthState
    var random = SplitMix64(seed: 1)
    var now_ms: UInt64 = 1_000_000

    init(_ check: HealthCheck, wasPassing: Bool? = nil) {
      self.check = check
      state = HealthState(check, wasPassing: wasPassing, now_ms: now_ms, using: &random)
    }

    /// Results of runs, each when it is due; what each changed, as a letter: `l`eft, `r`eturned or `.`.
    mutating func run(_ results: String) -> String {
      results.map { letter in
        now_ms = max(now_ms, state.due_ms)
        let outcome: CheckOutcome = letter == "p" ? .passing : letter == "w" ? .warning : .failing
        switch state.record(outcome, of: check, now_ms: now_ms, using: &random) {
        case .left: return "l"
        case .returned: return "r"
        case nil: return "."
        }
      }.joined()
    }
  }

  @Test(
    "leave at the threshold of failures in a row, and come back at that of passes",
    arguments: [
      (1, 3, "pfff", "r..l"), (1, 3, "pffpfff", "r.....l"), (1, 1, "pf", "rl"), (2, 1, "pppf", ".r.l"),
      (2, 1, "pfpp", "...r"),
      (1, 3, "fffp", "...r"), (1, 1, "pwf", "r.l"), (3, 2, "wpw", "..r"),
    ] as [(UInt8, UInt8, String, String)]
  )
  func thresholds(passes: UInt8, failures: UInt8, results: String, changes: String) {
    var harness = Harness(HealthCheck(.tcp(port: nil), passes: passes, failures: failures))
    #expect(!harness.state.isPassing)
    #expect(harness.run(results) == changes)
  }

  @Test("start as the check says, or as they were known")
  func start() {
    #expect(!Harness(HealthCheck(.tcp(port: nil))).state.isPassing)
    #expect(Harness(HealthCheck(.tcp(port: nil), startsPassing: true)).state.isPassing)
    #expect(Harness(HealthCheck(.tcp(port: nil)), wasPassing: true).state.isPassing)
    #expect(!Harness(HealthCheck(.tcp(port: nil), startsPassing: true), wasPassing: false).state.isPassing)
  }

  @Test("run at once, or within an interval after a restart, and then about once an interval")
  func times() {
    let check = HealthCheck(.tcp(port: nil))
    #expect(Harness(check).state.due_ms == 1_000_000)
    var random = SplitMix64(seed: 3)
    let starts = (0..<200).map { _ in HealthState(check, wasPassing: true, now_ms: 0, using: &random).due_ms }
    #expect(starts.allSatisfy { $0 < 10_000 } && starts.contains { $0 < 2_000 } && starts.contains { $0 > 8_000 })
    var harness = Harness(check)
    var pauses: Set<UInt64> = []
    for _ in 0..<200 {
      _ = harness.run("p")
      pauses.insert(harness.state.due_ms - harness.now_ms)
    }
    #expect(pauses.allSatisfy { (9_000...11_000).contains($0) } && pauses.count > 50)
  }

  @Test("are looked at again soon where one failure leaves them in doubt")
  func doubt() {
    var harness = Harness(HealthCheck(.tcp(port: nil)))
    _ = harness.run("p")
    let start = harness.state.due_ms
    #expect(harness.run("fff") == "..l" && harness.now_ms - start <= 2_200)
    // Once it left there is no hurry.
    #expect(harness.state.due_ms - harness.now_ms >= 9_000)
  }

  @Test("that go to and fro take longer to come back each time, up to a bound, until they were calm")
  func damping() {
    var harness = Harness(HealthCheck(.tcp(port: nil), failures: 1))
    #expect(harness.run("p") == "r")
    var needed: [UInt16] = []
    for _ in 0..<6 {
      #expect(harness.run("f") == "l")
      needed.append(harness.state.passesNeeded(harness.check))
      #expect(harness.run(String(repeating: "p", count: Int(needed.last ?? 0))).last == "r")
    }
    #expect(needed == [2, 4, 8, 8, 8, 8])
    harness.now_ms += CheckTiming.calm_ms
    _ = harness.run("f")
    #expect(harness.state.passesNeeded(harness.check) == 1)
  }

  @Test("of programs that report change with each report, and leave when none comes in time")
  func reports() {
    var harness = Harness(HealthCheck(.ttl(5_000), passes: 9, failures: 9))
    #expect(harness.state.due_ms == harness.now_ms + 5_000)
    #expect(harness.run("pfpwf") == "rlr.l")
    _ = harness.run("p")
    #expect(harness.state.due_ms == harness.now_ms + 5_000)
    #expect(harness.state.expire(harness.check, now_ms: harness.state.due_ms) == .left)
    #expect(harness.state.expire(harness.check, now_ms: harness.now_ms) == nil && harness.state.due_ms == .max)
    harness.now_ms += 10_000
    #expect(
      harness.state.record(.passing, of: harness.check, now_ms: harness.now_ms, using: &harness.random) == .returned
    )
  }
}
