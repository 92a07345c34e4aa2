import MeshModel
import Registry
import Testing
import WeftTestKit

@Suite("The registry and the checks of instances")
struct RegistryChecksTests {
  @Test("gives work once checks pass, and takes it away at once when they fail")
  func health() throws {
    var harness = RegistryHarness()
    try harness.register(.web(checks: [HealthCheck(.tcp(port: nil), failures: 1)]))
    #expect(harness.words == ["persist default/web []", "publish default/web unready"])
    harness.tick()
    let run = try harness.run()
    #expect(run.target.description == "10.0.0.5:80" && run.deadline_ms == 2_000)
    harness.tick(500)
    #expect(harness.said.isEmpty)
    harness.result(run, .passing)
    #expect(harness.words == ["publish default/web ready", "persist default/web [\"\"]"])
    harness.result(run, .failing)
    #expect(harness.said.isEmpty)
    harness.tick(11_000)
    harness.result(try harness.run(), .failing)
    #expect(harness.words == ["publish default/web unready", "persist default/web []"])
  }

  @Test("gives work only where all checks pass")
  func several() throws {
    var harness = RegistryHarness()
    try harness.register(.web(checks: [HealthCheck(name: "a", .ttl(5_000)), HealthCheck(name: "b", .ttl(9_000))]))
    try harness.report(.passing, "a")
    #expect(harness.words == ["persist default/web [\"a\"]"])
    try harness.report(.warning, "b")
    #expect(harness.words == ["publish default/web ready", "persist default/web [\"a\", \"b\"]"])
    harness.tick(5_000)
    #expect(harness.words == ["publish default/web unready", "persist default/web [\"b\"]"])
    #expect(harness.state.instances[.init(name: "web")]?.checks[0].output == "no report in time")
    #expect(harness.state.nextDue_ms == 10_000)
    harness.tick(4_000)
    #expect(harness.words == ["persist default/web []"] && harness.state.nextDue_ms == nil)
    #expect(throws: RegistryRefusal.noSuchReport(.init(name: "web"), check: nil, known: ["a", "b"])) {
      try harness.report(.passing)
    }
    #expect(throws: RegistryRefusal.noSuchReport(.init(name: "web"), check: "c", known: ["a", "b"])) {
      try harness.report(.passing, "c")
    }
  }

  @Test("takes a check that gives no result in time for failed, and its late result for nothing")
  func late() throws {
    var harness = RegistryHarness()
    try harness.register(.web(checks: [HealthCheck(.tcp(port: nil), failures: 1, startsPassing: true)]))
    harness.tick()
    let run = try harness.run()
    #expect(harness.state.nextDue_ms == run.deadline_ms + CheckTiming.grace_ms)
    harness.tick(2_000)
    #expect(harness.words.first == "publish default/web unready")
    harness.result(run, .passing)
    #expect(harness.said.isEmpty)
  }

  @Test("runs no more checks at one time than it may, and the others when there is room")
  func runningChecks() throws {
    var harness = RegistryHarness()
    let count = RegistryLimit.runningChecks + 10
    for port in 1...count {
      try harness.register(.web("s\(port)", port: UInt16(port), checks: [HealthCheck(.tcp(port: nil))]))
    }
    harness.tick()
    let runs = harness.said.compactMap { if case .runCheck(let run) = $0 { run } else { nil } }
    #expect(runs.count == RegistryLimit.runningChecks)
    // Those that wait do not make the clock turn.
    #expect(harness.state.nextDue_ms == 1_000 + 1_000 + CheckTiming.grace_ms)
    for run in runs.prefix(3) { harness.result(run, .passing) }
    #expect(harness.state.nextDue_ms == harness.now_ms)
    harness.tick()
    #expect(harness.said.count == 3)
    // Deregistering gives places back too.
    for run in runs.suffix(5) { try harness.deregister(run.id.key) }
    harness.tick()
    #expect(harness.said.count == 5)
  }
}
