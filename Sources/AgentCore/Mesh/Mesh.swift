internal import AgentStore
internal import DNS
internal import Discovery
internal import HealthChecks
internal import Logging
internal import MeshDocuments
internal import MeshModel
internal import NIOCore
internal import PeerService
internal import Registry
internal import Replication

/// All that one host's agent knows of the mesh, and the one place where it changes.
///
/// Calls come from the socket, from peers, checks and timers. Each changes the value it is about (registry, replica,
/// documents), writes to disk what must survive, and then `settle` tells proxies and names what is different now. It runs on
/// a thread of its own, since writing to disk waits.
actor Mesh {
  let identity: MeshIdentity
  /// That of `identity`, by which those of instances are named.
  let domain: TrustDomain?
  let store: AgentStore
  let checks: CheckRunner
  let peers: PeerOutbox
  let names: NameBoard
  let log: Logger
  /// What users can cause as often as they like.
  let pacedLog: PacedLog
  var credential: [UInt8]
  let keyring: any Keyring

  var registry: RegistryState
  var replica: Replica
  var catalogue = Catalogue()
  var virtual: VirtualAddresses
  var documents = DocumentSet.empty
  var resources = ResourceCatalog()
  var alive: Set<OwnerID> = []
  /// Why no documents are taken; nil where they are.
  var documentsRefused: String?
  var dirty = DirtySet()
  var addressesDue_ms: UInt64 = 0
  var streams: [UInt64: ProxyStream] = [:]
  var counters: [String: UInt64] = [:]
  /// Services as they are told now, by their full names.
  var services: [ServiceKey: KnownService] = [:]
  /// What is to be on disk with the next record that is.
  var unwritten = StoreChanges()
  var random = SystemRandomNumberGenerator()
  let started_ms = Clocks.monotonic_ms
  /// Says that some host wrote who has the authority's role, or which roots are believed; for one reader.
  nonisolated let rosterNews: AsyncStream<Void>
  let rosterSignal: AsyncStream<Void>.Continuation
  /// Says that some host wrote by which keys it signs JWT-SVIDs; for one reader.
  nonisolated let jwtNews: AsyncStream<Void>
  let jwtSignal: AsyncStream<Void>.Continuation
  private var streamNumber: UInt64 = 0
  private var pause: Task<Void?, Never>?
  private let loop: any EventLoop

  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.executor.asUnownedSerialExecutor() }

  /// A mesh as it was when the agent ended. What of the disk cannot be used any more is told and left out.
  init(
    _ identity: MeshIdentity,
    _ memory: MeshMemory,
    store: AgentStore,
    checks: CheckRunner,
    peers: PeerOutbox,
    names: NameBoard,
    loop: any EventLoop,
    log: Logger
  ) {
    (rosterNews, rosterSignal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    (jwtNews, jwtSignal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    self.identity = identity
    domain = try? TrustDomain(identity.trustDomain)
    self.store = store
    self.checks = checks
    self.peers = peers
    self.names = names
    self.loop = loop
    self.log = log
    pacedLog = PacedLog(log)
    credential = memory.credential
    keyring = memory.keyring
    virtual = VirtualAddresses(mesh: identity.trustDomain)
    registry = RegistryState(memory.host)
    replica = Replica(
      owner: identity.owner,
      credential: memory.credential,
      keyring: memory.keyring,
      seed: .random(in: .min ... .max),
      restoring: memory.owners,
      now: Clocks.moment
    )
    for change in replica.contents { catalogue.apply(change) }
    alive = [identity.owner]
  }

  /// Takes up what was written of this host's own services and addresses, and tells it all.
  func begin(_ registrations: [RegistryRecord], _ assignments: [VirtualAssignment]) throws {
    for stale in virtual.restore(assignments) {
      unwritten.removeVirtualAddresses(namespace: stale.namespace, name: stale.name)
    }
    let restored = registry.restore(registrations, now_ms: Clocks.monotonic_ms, using: &random)
    for refusal in restored.refusals {
      log.warning(
        "a service of before the restart is not taken: \(refusal.reason)",
        metadata: ["SERVICE": "\(refusal.key)"]
      )
    }
    for directive in restored.directives {
      if case .forget(let key) = directive { unwritten.forget(key) }
    }
    try writeRest()
    try publishOwn()
    dirty.all = true
    settle()
  }

  func count(_ name: String, by amount: UInt64 = 1) { counters[name, default: 0] += amount }

  func nextStream() -> UInt64 {
    streamNumber += 1
    return streamNumber
  }

  // MARK: Time

  /// Does what is due whenever it is, until the task is cancelled.
  func keepTime() async {
    while !Task.isCancelled {
      tickRegistry()
      tickReplica()
      expireAddresses()
      let due_ms = min(registry.nextDue_ms ?? .max, replica.deadline_ms)
      let now_ms = Clocks.monotonic_ms
      let pause_ms = due_ms <= now_ms ? Self.shortestPause_ms : min(due_ms - now_ms, Self.longestPause_ms)
      let pause = Task { try? await Task.sleep(for: .milliseconds(Int64(pause_ms))) }
      self.pause = pause
      await withTaskCancellationHandler {
        _ = await pause.value
      } onCancel: {
        pause.cancel()
      }
    }
  }

  /// Something may be due sooner than was thought: the first check of what was just registered is at once.
  func wake() { pause?.cancel() }

  /// Between two looks at what is due.
  static let shortestPause_ms: UInt64 = 5
  /// Deadlines of the protocol between agents may come up in between; none is shorter.
  static let longestPause_ms: UInt64 = 250
}
