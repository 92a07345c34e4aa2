internal import Glibc
internal import Kernel
public import Logging
public import MeshModel
public import ServiceLifecycle

/// Membership by HashiCorp's Serf, which runs as a child of this process for as long as `run` does.
///
/// While the child is down, or has not met the others yet, members stay as they were: they do not die because our own
/// Serf did.
public actor SerfMembership: Membership, ServiceLifecycle.Service {
  /// What changes; see `Membership`.
  public nonisolated let events: AsyncStream<MembershipEvent>
  let sink: AsyncStream<MembershipEvent>.Continuation
  let logger: Logger
  private let output: (@Sendable (SerfLine) -> Void)?

  var configuration: SerfConfiguration
  var view: MemberView
  /// How membership itself is.
  public internal(set) var health = MembershipHealth()
  /// Where the running child takes requests, and the key it wants to hear.
  var rpc: (port: UInt16, key: String)?
  /// The running child, for tests that end it.
  private(set) var child: Int32?
  var gaveWay = false
  var hasLeft = false
  var failures = 0
  private var conflicts: Set<MembershipEvent> = []
  private var lines = TokenBucket(burst: MembershipLimit.lineBurst, perSecond: MembershipLimit.linesPerSecond)
  private let start = ContinuousClock.now

  /// A host that gossips once `run` is called. `output` gets each line of Serf's; without it they go to `logger`.
  ///
  /// - Throws: `MembershipError.invalidSetting`.
  public init(
    _ configuration: SerfConfiguration,
    logger: Logger = Logger(label: "serf"),
    output: (@Sendable (SerfLine) -> Void)? = nil
  ) throws(MembershipError) {
    try configuration.validate()
    self.configuration = configuration
    self.logger = logger
    self.output = output
    view = MemberView(own: configuration.own)
    (events, sink) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(MembershipLimit.events))
  }

  /// Runs Serf, and starts it again whenever it ends, until the task is cancelled or the service shut down. It then ends
  /// without leaving: an agent that comes back within seconds was not gone. `leave` comes before, where it is wanted.
  public func run() async throws {
    view.observeOwn(tell)
    await cancelWhenGracefulShutdown { await self.supervise() }
    sink.finish()
  }

  /// All that are known, this host included, by name.
  public func members() async -> [Member] { view.members }

  /// Joins the mesh of the agents that gossip at these addresses, and goes back there after a restart, since Serf
  /// remembers its members.
  @discardableResult
  public func join(_ addresses: [SocketAddress]) async throws(MembershipError) -> Int {
    guard (1...MembershipLimit.joinAddresses).contains(addresses.count) else {
      throw .invalidSetting("a join takes 1 to \(MembershipLimit.joinAddresses) addresses, not \(addresses.count)")
    }
    guard case .joined(let count) = try await ask(.join(addresses.map(\.description))) else { return 0 }
    return count
  }

  /// Tells the others that this host goes, and ends Serf for good. A later start of the agent joins again.
  public func leave() async throws(MembershipError) {
    hasLeft = true
    do { try await ask(.leave) } catch {
      hasLeft = false
      throw error
    }
  }

  /// Says something else of this host: now if Serf runs, and at each start of it.
  public func setTags(_ tags: MemberTags) async throws(MembershipError) {
    try SerfConfiguration.validate(tags)
    configuration.tags = tags
    view.setOwn(tags)
    view.observeOwn(tell)
    if rpc != nil { try await ask(.setTags(tags.encoded)) }
  }

  /// Makes a host that failed one that left, everywhere: Serf stops trying to reach it.
  public func forget(_ name: String) async throws(MembershipError) {
    guard Member.isName(name) else { throw .invalidSetting("'\(name)' is no name of a member") }
    try await ask(.forceLeave(name))
  }

  /// On a connection of its own: Serf answers one request of a connection after the other, and a join takes long.
  @discardableResult
  private func ask(_ request: SerfRequest) async throws(MembershipError) -> SerfAnswer {
    guard let rpc else { throw .notRunning(hasLeft ? "it left the mesh" : "it is being started") }
    return try await SerfConnection.use(port: rpc.port, key: rpc.key) { try await $0.request(request) }
  }

  // MARK: What happens

  /// Whether there was room for the event.
  func tell(_ event: MembershipEvent) -> Bool {
    if case .enqueued = sink.yield(event) { return true }
    health.deferredEvents += 1
    return false
  }

  func started(_ pid: Int32?) { child = pid }

  func said(_ line: SerfLine) {
    if let fact = line.fact { note(fact) }
    if let output { return output(line) }
    guard lines.take(now_ns: now_ms * 1_000_000) else {
      health.omittedLines += 1
      return
    }
    logger.log(level: line.level, "\(line.text)", metadata: ["program": "serf"])
  }

  private func note(_ fact: SerfLine.Fact) {
    let conflict: MembershipEvent
    switch fact {
    case .running: return
    case .undecrypted(let from):
      let former = health.undecrypted
      health.undecrypted = .init(count: (former?.count ?? 0) + 1, from: from ?? former?.from, last: .now)
      return
    case .gaveWay:
      gaveWay = true
      health.gaveWay = .now
      return
    case .nameTaken(let other): conflict = noted(view.own.name, view.own.address.description, other)
    case .nameConflict(let name, let one, let other): conflict = noted(name, one, other)
    }
    guard !conflicts.contains(conflict), conflicts.count < MembershipLimit.conflicts, tell(conflict) else { return }
    conflicts.insert(conflict)
  }

  private func noted(_ name: String, _ one: String, _ other: String) -> MembershipEvent {
    health.nameConflicts += 1
    health.nameConflict = .init(name: name, one: one, other: other, last: .now)
    return .nameConflict(name: name, between: one, and: other)
  }

  /// Milliseconds since this was made.
  var now_ms: UInt64 {
    let elapsed = start.duration(to: .now).components
    return UInt64(elapsed.seconds) * 1_000 + UInt64(elapsed.attoseconds / 1_000_000_000_000_000)
  }
}
