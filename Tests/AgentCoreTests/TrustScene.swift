import AgentStore
import Authority
import Logging
import MeshAPI
import Synchronization
import Testing
import WeftTestKit

@testable import AgentCore

/// A clock that stands still until it is moved, in seconds since 1970.
final class ManualClock: Sendable {
  private let time_s: Mutex<Int64>

  init(_ now_s: Int64) { time_s = Mutex(now_s) }

  var now_s: Int64 { time_s.withLock { $0 } }

  func advance(_ span_s: Int64) { time_s.withLock { $0 += span_s } }
}

/// The trust of a first host, on a clock of the test's own.
struct TrustScene {
  let directory: TemporaryDirectory
  let clock: ManualClock
  let store: AgentStore
  let trust: Trust

  static let web = "spiffe://weft.local/ns/default/sa/web"

  /// Past the half of a leaf's life and what chance adds to it, and before its end.
  static let due_s: Int64 = 16 * 3_600

  /// With a `remote`, a host that is no authority and asks it.
  init(remote: FakeAuthority? = nil) async throws {
    directory = try TemporaryDirectory()
    let clock = ManualClock(Clocks.wall_s)
    self.clock = clock
    var settings = AgentSettings()
    settings.dataDirectory = directory.file("data")
    settings.hostName = "one"
    store = try AgentStore.open(directory: settings.dataDirectory)
    var memory = try Founding.create(store, settings).trust
    if remote != nil {
      memory = TrustMemory(
        authority: nil,
        bundle: memory.bundle,
        formerRoots: memory.formerRoots,
        tokens: memory.tokens,
        workloads: memory.workloads
      )
    }
    trust = Trust(memory, store: store, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }) { clock.now_s }
    if let remote { await trust.use(remote) }
  }

  /// Registers the test's own user, or whatever the selectors say.
  func register(_ name: String = web, _ selectors: String...) async throws {
    var workload = Weft_Agent_V1_Workload()
    workload.spiffeID = name
    workload.selectors = selectors.isEmpty ? ["unix:uid:0"] : selectors
    _ = try await trust.put(workload)
  }
}
