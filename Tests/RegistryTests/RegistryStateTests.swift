import MeshModel
import Registry
import Testing
import WeftTestKit

@Suite("The registry")
struct RegistryStateTests {
  @Test("A service's instances are found without the others: 500 seeded changes")
  func byService() throws {
    var harness = Harness()
    var random = SplitMix64(seed: 7)
    for _ in 0..<500 {
      let (service, instance) = (random.next() % 5, random.next() % 5)
      let registration = Self.web("s\(service)", port: UInt16(100 + service * 5 + instance), instance: "i\(instance)")
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
    var harness = Harness()
    try harness.register(Self.web())
    #expect(harness.words == ["persist default/web []", "publish default/web ready"])
    guard case .publish(let record) = harness.said[1] else { return }
    #expect(record.endpoints(record.ports[0]) == [try #require(Endpoint("10.0.0.5:80"))])
    try harness.register(Self.web())
    #expect(harness.said.isEmpty)
    try harness.deregister(.init(name: "web"))
    #expect(harness.words == ["forget default/web", "withdraw default/web"])
    #expect(throws: RegistryRefusal.unknown(.init(name: "web"))) { try harness.deregister(.init(name: "web")) }
  }

  @Test("gives work once checks pass, and takes it away at once when they fail")
  func health() throws {
    var harness = Harness()
    try harness.register(Self.web(checks: [HealthCheck(.tcp(port: nil), failures: 1)]))
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
    var harness = Harness()
    try harness.register(Self.web(checks: [HealthCheck(name: "a", .ttl(5_000)), HealthCheck(name: "b", .ttl(9_000))]))
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
    var harness = Harness()
    try harness.register(Self.web(checks: [HealthCheck(.tcp(port: nil), failures: 1, startsPassing: true)]))
    harness.tick()
    let run = try harness.run()
    #expect(harness.state.nextDue_ms == run.deadline_ms + CheckTiming.grace_ms)
    harness.tick(2_000)
    #expect(harness.words.first == "publish default/web unready")
    harness.result(run, .passing)
    #expect(harness.said.isEmpty)
  }

  @Test("replaces what has the same name, keeps what is known of the same check, and drops runs of others")
  func replacing() throws {
    var harness = Harness()
    let kept = HealthCheck(name: "kept", .tcp(port: nil))
    try harness.register(
      Self.web(checks: [kept, HealthCheck(name: "changed", .ttl(5_000)), HealthCheck(name: "gone", .tcp(port: nil))])
    )
    try harness.report(.passing)
    harness.tick()
    let runs = harness.said.compactMap { if case .runCheck(let run) = $0 { run } else { nil } }
    #expect(runs.map(\.id.check) == ["kept", "gone"])
    harness.result(runs[1], .passing)
    var next = Self.web(checks: [
      kept, HealthCheck(name: "changed", .ttl(6_000)), HealthCheck(name: "new", .ttl(5_000), startsPassing: true),
    ])
    next.labels = ["version": "2"]
    try harness.register(next)
    #expect(harness.words == ["persist default/web [\"changed\", \"new\"]", "publish default/web unready"])
    harness.result(runs[0], .passing)
    #expect(harness.words == ["publish default/web ready", "persist default/web [\"changed\", \"kept\", \"new\"]"])
    // Another port is another target: what was known of the old one says little, but that it passed stands.
    try harness.register(Self.web(port: 81, checks: [kept]))
    harness.tick(11_000)
    #expect(try harness.run().target.port == 81)
    harness.result(runs[0], .failing)
    #expect(harness.said.isEmpty)
  }

  @Test("refuses a second owner of a port, and takes it once the first is gone")
  func portOwners() throws {
    var harness = Harness()
    try harness.register(Self.web(), .file("/etc/weft/services/web.yaml"))
    let refusal = #expect(throws: RegistryRefusal.self) { try harness.register(Self.web("api"), .user(1_000)) }
    #expect(
      refusal?.description
        == "ports: 10.0.0.5:80 is already registered as default/web by file /etc/weft/services/web.yaml; deregister that, or give another port"
    )
    #expect(throws: RegistryRefusal.self) { try harness.register(Self.web(instance: "b"), .user(0)) }
    var elsewhere = Self.web(instance: "b")
    elsewhere.addresses = [IPAddress(v4: 0x0a00_0006)]
    try harness.register(elsewhere)
    try harness.register(Self.web(port: 81), .file("/etc/weft/services/web.yaml"))
    try harness.register(Self.web("api"))
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
    var harness = Harness()
    try harness.register(Self.web(), first)
    for change in [
      { try harness.register(Self.web(port: 81), second) }, { try harness.deregister(.init(name: "web"), second) },
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
    var harness = Harness()
    let script = Self.web(checks: [HealthCheck(.script(["/bin/true"]))])
    var foreign = Self.web("api", port: 81)
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
      var other = Harness()
      try other.register(Self.web(checks: [HealthCheck(.ttl(5_000))]))
      try other.report(.failing, nil, .user(1_000))
    }
  }

  @Test("follows the files of a directory")
  func files() throws {
    var harness = Harness()
    try harness.register(Self.web("a", port: 1), .file("a"))
    try harness.register(Self.web("b", port: 2), .file("b"))
    try harness.register(Self.web("b2", port: 3), .file("b"))
    try harness.register(Self.web("u", port: 4), .user(5))
    harness.said = harness.state.retain([.init(name: "b")], of: "b")
    #expect(harness.words == ["forget default/b2", "withdraw default/b2"])
    harness.said = harness.state.retain(files: ["b"])
    #expect(harness.words == ["forget default/a", "withdraw default/a"])
    #expect(harness.state.instances.keys.map(\.name).sorted() == ["b", "u"])
  }

  @Test("after a restart knows what passed, and checks it within an interval")
  func restart() throws {
    var before = Harness()
    try before.register(Self.web(checks: [HealthCheck(.tcp(port: nil))]))
    before.tick()
    before.result(try before.run(), .passing)
    guard case .persist(let record) = before.said[1] else { return }
    var after = Harness(seed: 2)
    let bad = RegistryRecord(Self.web("other"), owner: .user(1))
    let (directives, refusals) = after.state.restore([record, bad], now_ms: 1_000, using: &after.random)
    after.said = directives
    #expect(after.words == ["publish default/web ready", "forget default/other"])
    #expect(refusals.map(\.key.name) == ["other"])
    #expect(try #require(after.state.nextDue_ms) <= 11_000)
    after.tick(10_000)
    #expect(after.words == ["run "])
  }

  @Test("meshes what a proxy is at the address of and may be, and what was meshed stays so until it is deregistered")
  func meshed() throws {
    var harness = Harness()
    try harness.register(Self.web())
    try harness.register(Self.web("db", port: 81))
    let address = try #require(harness.state.instances.values.first?.addresses.first)
    harness.said = harness.state.meshed(at: [IPAddress(v4: 1)]) { _, _ in true }
    #expect(harness.said.isEmpty, "no proxy is there")
    harness.said = harness.state.meshed(at: [address]) { _, _ in false }
    #expect(harness.said.isEmpty, "the proxy is somebody else")
    harness.said = harness.state.meshed(at: [address]) { $0 == "default" && $1 == "default" }
    #expect(
      harness.words == [
        "persist default/db []", "publish default/db ready", "persist default/web []", "publish default/web ready",
      ]
    )
    guard case .persist(let record) = harness.said[2], case .publish(let told) = harness.said[3] else { return }
    #expect(record.isMeshed && told.isMeshed)
    harness.said = harness.state.meshed(at: [address]) { _, _ in true }
    #expect(harness.said.isEmpty, "it is told once")
    // Registered otherwise, on other addresses of the host, and after a restart.
    var moved = Self.web()
    moved.labels = ["app": "web"]
    try harness.register(moved)
    _ = harness.state.hostChanged(.init(hostAddresses: [IPAddress(v4: 0x0a00_0009)]))
    #expect(harness.state.instances[moved.key]?.isMeshed == true)
    var after = Harness(seed: 2)
    _ = after.state.restore([record], now_ms: 1_000, using: &after.random)
    #expect(after.state.instances[moved.key]?.isMeshed == true)
    _ = try after.state.deregister(moved.key, owner: record.owner, now_ms: 2_000)
    try after.register(Self.web())
    #expect(after.state.instances[moved.key]?.isMeshed == false)
  }

  @Test("after a restart keeps what it has no address for yet, and what users may not ask for any more")
  func restartWithoutAddress() throws {
    var harness = Harness()
    harness.state = RegistryState(.init(hostAddresses: []))
    var own = Self.web("own", port: 81)
    own.addresses = [IPAddress(v4: 0x0a00_0006)]
    let records = [RegistryRecord(Self.web(), owner: .user(7)), RegistryRecord(own, owner: .user(7))]
    let (directives, refusals) = harness.state.restore(records, now_ms: 1_000, using: &harness.random)
    harness.said = directives
    #expect(harness.words == ["publish default/own ready"] && refusals.map(\.reason) == [.noAddress])
  }

  @Test("follows the host's addresses, and keeps the last ones while there are none")
  func hostChanged() throws {
    var harness = Harness()
    var fixed = Self.web("fixed", port: 81)
    fixed.addresses = [IPAddress(v4: 0x0a00_0006)]
    try harness.register(fixed)
    try harness.register(Self.web(checks: [HealthCheck(.tcp(port: nil))]))
    try harness.register(Self.web("stuck", port: 81))
    harness.tick()
    let run = try harness.run()
    harness.said = harness.state.hostChanged(.init(hostAddresses: []))
    #expect(harness.said.isEmpty)
    harness.said = harness.state.hostChanged(.init(hostAddresses: [IPAddress(v4: 0x0a00_0006)]))
    #expect(harness.words == ["publish default/web unready"])
    harness.result(run, .passing)
    guard case .publish(let record) = harness.said[0] else { return }
    #expect(record.isReady && record.addresses.map(\.description) == ["10.0.0.6"])
    // The old address is free for others.
    var heir = Self.web("heir")
    heir.addresses = [IPAddress(v4: 0x0a00_0005)]
    try harness.register(heir)
  }

  @Test("bounds how many there are and how often a user changes them, and says so")
  func floods() throws {
    var harness = Harness()
    for port in 1...RegistryLimit.registrations {
      try harness.register(Self.web("s\(port)", port: UInt16(port)), .user(7))
    }
    #expect(throws: RegistryRefusal.tooManyChanges(user: 7)) { try harness.register(Self.web(port: 5_000), .user(7)) }
    #expect(throws: RegistryRefusal.tooMany) { try harness.register(Self.web(port: 5_000), .user(8)) }
    try harness.deregister(.init(name: "s1"), .user(0))
    try harness.register(Self.web(port: 5_000), .user(8))
    harness.now_ms += 100
    try harness.deregister(.init(name: "s2"), .user(7))
    #expect(throws: RegistryRefusal.tooManyChanges(user: 7)) { try harness.deregister(.init(name: "s3"), .user(7)) }
  }

  @Test("has a user pay for what came to nothing, too")
  func revertedFloods() throws {
    var harness = Harness()
    let before = harness.state
    for number in 0..<Int(RegistryLimit.changeBurst) {
      try harness.register(Self.web("s\(number)", port: 80), .user(7))
      harness.state.revert(to: before)
      #expect(harness.state.instances.isEmpty)
    }
    #expect(throws: RegistryRefusal.tooManyChanges(user: 7)) { try harness.register(Self.web(), .user(7)) }
    try harness.register(Self.web(), .user(8))
  }

  @Test("runs no more checks at one time than it may, and the others when there is room")
  func runningChecks() throws {
    var harness = Harness()
    let count = RegistryLimit.runningChecks + 10
    for port in 1...count {
      try harness.register(Self.web("s\(port)", port: UInt16(port), checks: [HealthCheck(.tcp(port: nil))]))
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

  @Test("is in order after any events, and what it published is what there is", arguments: 0..<20 as Range<UInt64>)
  func sweep(seed: UInt64) throws {
    var harness = Harness(seed: seed)
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
          Self.web(name, port: port, checks: Array(checks.prefix(Int.random(in: 0...2, using: &dice))))
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
    var restored = Harness(seed: seed)
    _ = restored.state.restore(Array(written.values), now_ms: harness.now_ms, using: &restored.random)
    #expect(restored.state.instances.mapValues(\.isReady) == published)
  }
}
