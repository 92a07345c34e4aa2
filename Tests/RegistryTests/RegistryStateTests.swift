import MeshModel
import Registry
import Testing
import WeftTestKit

@Suite("The registry")
struct RegistryStateTests {
  @Test("A service's instances are found without the others: 500 seeded changes")
  func byService() throws {
    var harness = RegistryHarness()
    var random = SplitMix64(seed: 7)
    for _ in 0..<500 {
      let (service, instance) = (random.next() % 5, random.next() % 5)
      let registration = Registration.web(
        "s\(service)",
        port: UInt16(100 + service * 5 + instance),
        instance: "i\(instance)"
      )
      if random.next() % 3 == 0 {
        try? harness.deregister(registration.key)
      } else {
        try harness.register(registration)
      }
      harness.now_ms += 1_000
      for service in 0..<5 {
        let found = harness.state.instances(ofServiceOf: .init(name: "s\(service)")).map(\.registration.key).sorted()
        #expect(found == harness.state.instances.keys.filter { $0.name == "s\(service)" }.sorted())
      }
    }
  }

  @Test("publishes what is registered, with the host's address, and withdraws it")
  func plain() throws {
    var harness = RegistryHarness()
    try harness.register(.web())
    #expect(harness.words == ["persist default/web []", "publish default/web ready"])
    guard case .publish(let record) = harness.said[1] else { return }
    #expect(record.endpoints(record.ports[0]) == [try #require(Endpoint("10.0.0.5:80"))])
    try harness.register(.web())
    #expect(harness.said.isEmpty)
    try harness.deregister(.init(name: "web"))
    #expect(harness.words == ["forget default/web", "withdraw default/web"])
    #expect(throws: RegistryRefusal.unknown(.init(name: "web"))) { try harness.deregister(.init(name: "web")) }
  }

  @Test("replaces what has the same name, keeps what is known of the same check, and drops runs of others")
  func replacing() throws {
    var harness = RegistryHarness()
    let kept = HealthCheck(name: "kept", .tcp(port: nil))
    try harness.register(
      .web(checks: [kept, HealthCheck(name: "changed", .ttl(5_000)), HealthCheck(name: "gone", .tcp(port: nil))])
    )
    try harness.report(.passing)
    harness.tick()
    let runs = harness.said.compactMap { if case .runCheck(let run) = $0 { run } else { nil } }
    #expect(runs.map(\.id.check) == ["kept", "gone"])
    harness.result(runs[1], .passing)
    var next = Registration.web(checks: [
      kept, HealthCheck(name: "changed", .ttl(6_000)), HealthCheck(name: "new", .ttl(5_000), startsPassing: true),
    ])
    next.labels = ["version": "2"]
    try harness.register(next)
    #expect(harness.words == ["persist default/web [\"changed\", \"new\"]", "publish default/web unready"])
    harness.result(runs[0], .passing)
    #expect(harness.words == ["publish default/web ready", "persist default/web [\"changed\", \"kept\", \"new\"]"])
    // Another port is another target: what was known of the old one says little, but that it passed stands.
    try harness.register(.web(port: 81, checks: [kept]))
    harness.tick(11_000)
    #expect(try harness.run().target.port == 81)
    harness.result(runs[0], .failing)
    #expect(harness.said.isEmpty)
  }

  @Test("refuses a second owner of a port, and takes it once the first is gone")
  func portOwners() throws {
    var harness = RegistryHarness()
    try harness.register(.web(), .file("/etc/weft/services/web.yaml"))
    let refusal = #expect(throws: RegistryRefusal.self) { try harness.register(.web("api"), .user(1_000)) }
    #expect(
      refusal?.description
        == "ports: 10.0.0.5:80 is already registered as default/web by file /etc/weft/services/web.yaml; deregister that, or give another port"
    )
    #expect(throws: RegistryRefusal.self) { try harness.register(.web(instance: "b"), .user(0)) }
    var elsewhere = Registration.web(instance: "b")
    elsewhere.addresses = [IPAddress(v4: 0x0a00_0006)]
    try harness.register(elsewhere)
    try harness.register(.web(port: 81), .file("/etc/weft/services/web.yaml"))
    try harness.register(.web("api"))
    #expect(harness.state.instances.count == 3)
  }

  @Test(
    "lets change only who may",
    arguments: [
      (RegistryOwner.user(1_000), RegistryOwner.user(1_000), true), (.user(1_000), .user(0), true),
      (.user(0), .user(1_000), false),
      (.user(1_000), .user(1_001), false), (.user(1_000), .file("a"), true), (.file("a"), .user(0), false),
      (.file("a"), .file("a"), true), (.file("a"), .file("b"), false),
    ]
  )
  func owners(first: RegistryOwner, second: RegistryOwner, isAllowed: Bool) throws {
    var harness = RegistryHarness()
    try harness.register(.web(), first)
    for change in [
      { try harness.register(.web(port: 81), second) }, { try harness.deregister(.init(name: "web"), second) },
    ] {
      if isAllowed {
        try change()
      } else {
        #expect(throws: RegistryRefusal.notYours(.init(name: "web"), first)) { try change() }
      }
    }
    #expect(RegistryOwner(first.description) == first)
  }

  @Test("has the agent run programs and speak for other hosts' addresses for nobody but root and files")
  func rights() throws {
    var harness = RegistryHarness()
    let script = Registration.web(checks: [HealthCheck(.script(["/bin/true"]))])
    var foreign = Registration.web("api", port: 81)
    foreign.addresses = [IPAddress(v4: 0x0a00_0007)]
    #expect(throws: RegistryRefusal.scriptNotAllowed(check: "")) { try harness.register(script, .user(1_000)) }
    #expect(throws: RegistryRefusal.foreignAddress(foreign.addresses[0])) {
      try harness.register(foreign, .user(1_000))
    }
    try harness.register(script, .file("a"))
    try harness.register(foreign)
    foreign.addresses = [IPAddress(v4: 0x0a00_0006)]
    foreign.key.name = "own"
    try harness.register(foreign, .user(1_000))
    #expect(throws: RegistryRefusal.notYours(.init(name: "web"), .user(0))) {
      var other = RegistryHarness()
      try other.register(.web(checks: [HealthCheck(.ttl(5_000))]))
      try other.report(.failing, nil, .user(1_000))
    }
  }

  @Test("follows the files of a directory")
  func files() throws {
    var harness = RegistryHarness()
    try harness.register(.web("a", port: 1), .file("a"))
    try harness.register(.web("b", port: 2), .file("b"))
    try harness.register(.web("b2", port: 3), .file("b"))
    try harness.register(.web("u", port: 4), .user(5))
    harness.said = harness.state.retain([.init(name: "b")], of: "b")
    #expect(harness.words == ["forget default/b2", "withdraw default/b2"])
    harness.said = harness.state.retain(files: ["b"])
    #expect(harness.words == ["forget default/a", "withdraw default/a"])
    #expect(harness.state.instances.keys.map(\.name).sorted() == ["b", "u"])
  }

  @Test("bounds how often a user changes what is there, and says so")
  func floods() throws {
    var harness = RegistryHarness()
    for number in 1...Int(RegistryLimit.changeBurst) { try harness.register(.web(port: UInt16(number)), .user(7)) }
    #expect(throws: RegistryRefusal.tooManyChanges(user: 7)) { try harness.register(.web(port: 5_000), .user(7)) }
    try harness.register(.web("other", port: 5_000), .user(8))
    harness.now_ms += 100
    try harness.deregister(.init(name: "web"), .user(7))
    #expect(throws: RegistryRefusal.tooManyChanges(user: 7)) { try harness.register(.web(port: 5_001), .user(7)) }
  }

  @Test("gives a user as many places as it leaves to others, and all that are left to root and files")
  func shares() throws {
    var harness = RegistryHarness()
    var port: UInt16 = 0
    func fill(_ owner: RegistryOwner) -> (count: Int, refusal: RegistryRefusal?) {
      var count = 0
      while true {
        port += 1
        do throws(RegistryRefusal) { try harness.register(.web("s\(port)", port: port), owner) } catch {
          return (count, error)
        }
        count += 1
      }
    }
    let all = RegistryLimit.registrations
    for (user, share) in [(7, all / 2), (8, all / 4), (9, all / 8)] as [(UInt32, Int)] {
      let (count, refusal) = fill(.user(user))
      #expect(count == share && refusal == .tooManyOf(user: user, share, free: share))
    }
    // What a user has it may change, whatever it has.
    try harness.register(.web("s1", port: 5_000), .user(7))
    let rest = fill(.user(0))
    #expect(rest.count == all - all / 2 - all / 4 - all / 8 && rest.refusal == .tooMany)
    #expect(fill(.file("a.yaml")).refusal == .tooMany)
    try harness.deregister(.init(name: "s1"), .user(7))
    try harness.register(.web("late", port: 5_001), .user(10))
  }

  @Test("has a user pay for reports that the mesh is told of, and for no others")
  func reportFloods() throws {
    var harness = RegistryHarness()
    try harness.register(.web(checks: [HealthCheck(.ttl(60_000))]), .user(7))
    for _ in 0..<2 * Int(RegistryLimit.changeBurst) { try harness.report(.passing, nil, .user(7)) }
    var changes = 0
    var refusal: RegistryRefusal?
    for number in 0..<20 * Int(RegistryLimit.changeBurst) where refusal == nil {
      let before = harness.state.instances[.init(name: "web")]
      do throws(RegistryRefusal) {
        try harness.report(number % 10 == 0 ? .failing : .passing, nil, .user(7))
        changes += harness.said.isEmpty ? 0 : 1
      } catch {
        refusal = error
        #expect(
          harness.state.instances[.init(name: "web")]?.isReady == before?.isReady,
          "what is refused changes nothing"
        )
      }
    }
    // The registration and the first pass are paid from the same.
    #expect(refusal == .tooManyChanges(user: 7) && changes == Int(RegistryLimit.changeBurst) - 2)
  }

  @Test("has a user pay for what came to nothing, too")
  func revertedFloods() throws {
    var harness = RegistryHarness()
    let before = harness.state
    for number in 0..<Int(RegistryLimit.changeBurst) {
      try harness.register(.web("s\(number)", port: 80), .user(7))
      harness.state.revert(to: before)
      #expect(harness.state.instances.isEmpty)
    }
    #expect(throws: RegistryRefusal.tooManyChanges(user: 7)) { try harness.register(.web(), .user(7)) }
    try harness.register(.web(), .user(8))
  }

  @Test("is in order after any events, and what it published is what there is", arguments: 0..<20 as Range<UInt64>)
  func sweep(seed: UInt64) throws {
    var harness = RegistryHarness(seed: seed)
    var dice = SplitMix64(seed: seed &+ 50)
    var published: [Registration.Key: Bool] = [:]
    var written: [Registration.Key: RegistryRecord] = [:]
    var open: [CheckRun] = []
    for _ in 0..<600 {
      let name = "s\(UInt8.random(in: 0..<8, using: &dice))"
      let port = UInt16.random(in: 1...9, using: &dice)
      harness.said = []
      switch UInt8.random(in: 0..<7, using: &dice) {
      case 0:
        let checks = [HealthCheck(name: "t", .tcp(port: nil), failures: 1), HealthCheck(name: "r", .ttl(3_000))]
        try? harness.register(
          .web(name, port: port, checks: Array(checks.prefix(Int.random(in: 0...2, using: &dice))))
        )
      case 1: try? harness.deregister(.init(name: name))
      case 2, 3: harness.tick(UInt64.random(in: 0...4_000, using: &dice))
      case 4:
        if let said = try? harness.state.report(
          .init(name: name),
          Bool.random(using: &dice) ? .passing : .failing,
          owner: .user(0),
          now_ms: harness.now_ms,
          using: &harness.random
        ) {
          harness.said = said
        }
      default:
        guard let run = open.randomElement(using: &dice) else { continue }
        harness.result(run, Bool.random(using: &dice) ? .passing : .failing)
      }
      for directive in harness.said {
        switch directive {
        case .publish(let record): published[record.key] = record.isReady
        case .withdraw(let key): published[key] = nil
        case .persist(let record): written[record.registration.key] = record
        case .forget(let key): written[key] = nil
        case .runCheck(let run): open.append(run)
        }
      }
    }
    #expect(published == harness.state.instances.mapValues(\.isReady))
    var restored = RegistryHarness(seed: seed)
    _ = restored.state.restore(Array(written.values), now_ms: harness.now_ms, using: &restored.random)
    #expect(restored.state.instances.mapValues(\.isReady) == published)
  }
}
