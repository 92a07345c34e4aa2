import MeshModel
import Registry
import Testing
import WeftTestKit

/// A registry, its clock and what it said last.
struct RegistryHarness {
  var state: RegistryState
  var random: SplitMix64
  var now_ms: UInt64 = 1_000
  var said: [RegistryDirective] = []

  init(seed: UInt64 = 1) {
    let host = [IPAddress(v4: 0x0a00_0005)]
    state = RegistryState(.init(hostAddresses: host, localAddresses: [IPAddress(v4: 0x0a00_0006)]))
    random = SplitMix64(seed: seed)
  }

  mutating func register(_ registration: Registration, _ owner: RegistryOwner = .user(0)) throws(RegistryRefusal) {
    said = try state.register(registration, owner: owner, now_ms: now_ms, using: &random)
  }

  mutating func deregister(_ key: Registration.Key, _ owner: RegistryOwner = .user(0)) throws(RegistryRefusal) {
    said = try state.deregister(key, owner: owner, now_ms: now_ms)
  }

  mutating func tick(_ later_ms: UInt64 = 0) {
    now_ms += later_ms
    said = state.tick(now_ms: now_ms, using: &random)
  }

  mutating func result(_ run: CheckRun, _ outcome: CheckOutcome) {
    said = state.checkResult(run.id, outcome, now_ms: now_ms, using: &random)
  }

  mutating func report(_ outcome: CheckOutcome, _ check: String? = nil, _ owner: RegistryOwner = .user(0))
    throws(RegistryRefusal)
  {
    said = try state.report(.init(name: "web"), check: check, outcome, owner: owner, now_ms: now_ms, using: &random)
  }

  /// The run of the only check that was to be run.
  func run() throws -> CheckRun {
    let runs = said.compactMap { if case .runCheck(let run) = $0 { run } else { nil } }
    try #require(runs.count == 1)
    return runs[0]
  }

  /// What was said, a word each.
  var words: [String] {
    said.map {
      switch $0 {
      case .publish(let record): "publish \(record.key) \(record.isReady ? "ready" : "unready")"
      case .withdraw(let key): "withdraw \(key)"
      case .runCheck(let run): "run \(run.id.check)"
      case .persist(let record): "persist \(record.registration.key) \(record.passing.sorted())"
      case .forget(let key): "forget \(key)"
      }
    }
  }
}

extension Registration {
  /// An instance of a service, as a test needs it.
  static func web(_ name: String = "web", port: UInt16 = 80, checks: [HealthCheck] = [], instance: String = "")
    -> Registration
  {
    Registration(.init(name: name, instance: instance), ports: [.init(port: port)], checks: checks)
  }
}
