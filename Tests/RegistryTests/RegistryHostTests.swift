import MeshModel
import Registry
import Testing
import WeftTestKit

@Suite("The registry of a host that starts anew or changes")
struct RegistryHostTests {
  @Test("after a restart knows what passed, and checks it within an interval")
  func restart() throws {
    var before = RegistryHarness()
    try before.register(.web(checks: [HealthCheck(.tcp(port: nil))]))
    before.tick()
    before.result(try before.run(), .passing)
    guard case .persist(let record) = before.said[1] else { return }
    var after = RegistryHarness(seed: 2)
    let bad = RegistryRecord(.web("other"), owner: .user(1))
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
    var harness = RegistryHarness()
    try harness.register(.web())
    try harness.register(.web("db", port: 81))
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
    var moved = Registration.web()
    moved.labels = ["app": "web"]
    try harness.register(moved)
    _ = harness.state.hostChanged(.init(hostAddresses: [IPAddress(v4: 0x0a00_0009)]))
    #expect(harness.state.instances[moved.key]?.isMeshed == true)
    var after = RegistryHarness(seed: 2)
    _ = after.state.restore([record], now_ms: 1_000, using: &after.random)
    #expect(after.state.instances[moved.key]?.isMeshed == true)
    _ = try after.state.deregister(moved.key, owner: record.owner, now_ms: 2_000)
    try after.register(.web())
    #expect(after.state.instances[moved.key]?.isMeshed == false)
  }

  @Test("after a restart keeps what it has no address for yet, and what users may not ask for any more")
  func restartWithoutAddress() throws {
    var harness = RegistryHarness()
    harness.state = RegistryState(.init(hostAddresses: []))
    var own = Registration.web("own", port: 81)
    own.addresses = [IPAddress(v4: 0x0a00_0006)]
    let records = [RegistryRecord(.web(), owner: .user(7)), RegistryRecord(own, owner: .user(7))]
    let (directives, refusals) = harness.state.restore(records, now_ms: 1_000, using: &harness.random)
    harness.said = directives
    #expect(harness.words == ["publish default/own ready"] && refusals.map(\.reason) == [.noAddress])
  }

  @Test("follows the host's addresses, and keeps the last ones while there are none")
  func hostChanged() throws {
    var harness = RegistryHarness()
    var fixed = Registration.web("fixed", port: 81)
    fixed.addresses = [IPAddress(v4: 0x0a00_0006)]
    try harness.register(fixed)
    try harness.register(.web(checks: [HealthCheck(.tcp(port: nil))]))
    try harness.register(.web("stuck", port: 81))
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
    var heir = Registration.web("heir")
    heir.addresses = [IPAddress(v4: 0x0a00_0005)]
    try harness.register(heir)
  }
}
