internal import Discovery
internal import Journal
internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor

/// The thread beside the path: signals, policy files, questions from operators and probes. It may allocate and wait.
final class Control {
  let settings: ProxySettings
  let fleet: Fleet
  let snapshots: SnapshotStore
  let recorder: Recorder
  let journal: JournalLog
  /// Nil where the proxy has no agent.
  let agent: AgentStream?
  /// Nil where the proxy has no agent.
  let identity: IdentityStream?
  /// Whether the certificate in use should have been replaced by now; nil where there is none.
  var expiry: ExpiryNotices?
  let tlsWatch = TLSFileWatch()
  let resolver: HostResolver
  /// Nil where the pod's names are not answered by this proxy's agent.
  private(set) var names: NameSockets?
  let started: (realtime_us: UInt64, monotonic_ns: UInt64)
  var warnings: [String]
  /// What the agent said last, for a start without it.
  var last: LastSnapshot

  private(set) var phase = Phase.serving
  private(set) var loop: Epoll
  private let signals: SignalDescriptor
  var watch: FileWatch?
  /// The tick at which the snapshot is read again, its directory having been quiet since a change; nil where nothing changed.
  var watchIsDue: UInt32?
  /// Whether the snapshot's directory was renamed, replaced or deleted: another, or none, is to be watched.
  var isWatchOver = false
  /// Exchanges admitted since the start.
  var admitted: UInt64 = 0
  var exchanges = Slab<HTTPExchange>(capacity: HTTPExchange.concurrentLimit)
  /// Exchanges that wait for what the agent says; no more than there are.
  var unmet: [Unmet] = []
  var timers: TimerWheel
  var doors: [Door] = []
  /// The tick at which the doors are watched again; nil while they are.
  var doorsReopenAt: UInt32?
  let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)
  var tick: UInt32

  /// A listener of the control thread.
  final class Door {
    let socket: FileDescriptor
    let role: HTTPExchange.Role
    let address: SocketAddress?
    var accepted: UInt64 = 0
    init(_ socket: consuming FileDescriptor, _ role: HTTPExchange.Role, _ address: SocketAddress? = nil) {
      self.socket = socket
      self.role = role
      self.address = address
    }
  }

  enum Phase: Equatable {
    case serving
    /// Until nothing is open, or `deadline_ns` on the monotonic clock.
    case draining(deadline_ns: UInt64, retired: Bool)
    case stopped
  }

  init(
    _ settings: ProxySettings,
    fleet: Fleet,
    snapshots: SnapshotStore,
    recorder: Recorder,
    journal: JournalLog,
    agent: AgentStream? = nil,
    identity: IdentityStream? = nil,
    names: NameSockets? = nil,
    signals: consuming SignalDescriptor,
    doors: [Door],
    warnings: [String]
  ) throws(SystemError) {
    self.settings = settings
    self.fleet = fleet
    self.snapshots = snapshots
    self.recorder = recorder
    self.journal = journal
    self.agent = agent
    self.identity = identity
    self.names = names
    self.signals = signals
    self.warnings = warnings
    last = LastSnapshot(path: settings.lastSnapshotPath)
    resolver = HostResolver(path: settings.resolverPath)
    started = (Clock.realtime_us(), Clock.monotonic_ns())
    loop = try Epoll()
    tick = Worker.tick(started.monotonic_ns)
    timers = TimerWheel(now: tick)
    self.doors = doors
    loop.add(self.signals.descriptor, .readable, token: Token(.signals, index: 0).rawValue)
    watchDoors()
    if let path = settings.snapshotPath { watchSnapshot(path) }
    agent?.seat.watch(by: loop, token: Token(.questions, index: 0))
  }

  deinit { scratch.deallocate() }

  var isReady: Bool { phase == .serving && !isAwaitingAgent }
  /// When the code is given back that reads, checks, compiles and keeps what the agent sends; nil where none of it ran since.
  var tidyAt_ms: UInt64?
  /// Until when a proxy that starts waits for its agent's policies before it says that it is ready; nil: it does not wait.
  var agentDeadline_ns: UInt64?
  var isAwaitingAgent: Bool { agentDeadline_ns != nil }
  /// An agent that starts with the host may take as long; longer would keep a pod from starting for want of policies.
  static let agentPatience_ns: UInt64 = 5_000_000_000
  var now_ms: UInt64 { Clock.monotonic_ns() / 1_000_000 }

  /// Serves until the proxy has drained.
  func run() {
    if agent != nil {
      agentDeadline_ns = started.monotonic_ns + Self.agentPatience_ns
      turnToAgent()
    }
    turnToIdentity()
    turnToNames()
    turnToHosts()
    tlsWatch.follow(fleet.tlsFiles.paths, loop, now_ms: now_ms)
    announceReady()
    while phase != .stopped {
      let count = loop.wait(timeout_ms: patience_ms)
      tick = Worker.tick(Clock.monotonic_ns())
      for index in 0..<count {
        let (raw, readiness) = loop.event(index)
        dispatch(Token(rawValue: raw), readiness)
      }
      expire()
      reopenDoors()
      if let due = watchIsDue, Int32(bitPattern: tick &- due) >= 0 {
        watchIsDue = nil
        reloadSnapshot()
      }
      turnToIdentity()
      turnToAgent()
      answerUnmet()
      turnToNames()
      turnToHosts()
      turnToTLSFiles()
      tlsWatch.follow(fleet.tlsFiles.paths, loop, now_ms: now_ms)
      keepSnapshot()
      tidy()
      continueDraining()
    }
  }

  func announceReady() {
    guard !isAwaitingAgent else { return }
    ServiceManager.notify("READY=1\nSTATUS=serving")
    announce(.proxyReady, "ready: outbound on \(settings.outboundPort), inbound on \(settings.inboundPorts.text)")
  }

  private var patience_ms: Int32 {
    if case .draining = phase { return 50 }
    let own = watchIsDue != nil || doorsReopenAt != nil || timers.count > 0 ? Int32(TimerWheel.tick_ms) : Int32.max
    let agents = min(agent?.patience_ms(now_ms: now_ms) ?? .max, isAwaitingAgent ? 100 : .max)
    let keeping =
      agentsSnapshot.flatMap { last.due_ms($0, documents: snapshots.version, now_ms: now_ms) }
      .map { Int32(clamping: $0) } ?? .max
    let tidying = tidyAt_ms.map { Int32(clamping: $0 > now_ms ? $0 - now_ms : 0) } ?? .max
    let patience = min(
      own,
      min(agents, keeping, tidying, tlsFilesPatience_ms, hostsPatience_ms),
      identityPatience_ms,
      names?.patience_ms(now_ms: now_ms) ?? .max
    )
    return patience == .max ? -1 : patience
  }

  private func dispatch(_ token: Token, _ readiness: Readiness) {
    switch token.kind {
    case .signals: while let signal = signals.next() { handle(signal: signal) }
    case .watch:
      if watch?.drain() == false { isWatchOver = true }
      // A writer may still be at it: look when it has been quiet for a moment.
      watchIsDue = tick &+ 1
    case .door: admit(Int(token.slot.index))
    case .exchange: serve(token.slot)
    case .questions: note(agent?.ask(now_ms: now_ms, loop: loop, token: Self.agentToken))
    case .agent:
      var publication = DiscoverySeat.Publication.unchanged
      note(
        agent?.ready(now_ms: now_ms, loop: loop, token: Self.agentToken, publication: &publication)
      )
      note(publication)
    case .names: hearNames(token.slot.index)
    case .identity: hearIdentity()
    case .tlsFiles: tlsWatch.drain(now_ms: now_ms)
    case .resolver: hearHosts(token.slot.index)
    default: break
    }
  }

  private func handle(signal: Int32) {
    if signal == ProcessSignal.reload { return reloadSnapshot() }
    switch phase {
    case .serving: drain()
    case .draining: phase = .stopped  // asked twice: now
    case .stopped: break
    }
  }

  /// Takes the admin socket's file away, unless a successor has put its own there, or something else was in its place
  /// from the start.
  func close() {
    let isOurs = doors.contains { $0.role == .admin }
    doors = []
    if isOurs { UnixSocket.forget(settings.adminPath) }
  }

  /// Goes on serving, but says so, until nothing is open or the deadline passes. New connections are still taken: the
  /// programs of a pod that ends have last things to say.
  func drain() {
    guard phase == .serving else { return }  // asked again over the admin socket: the first deadline holds
    let deadline = Clock.monotonic_ns() + UInt64(settings.drainTimeout_s) * 1_000_000_000
    phase = .draining(deadline_ns: deadline, retired: false)
    ServiceManager.notify("STOPPING=1\nSTATUS=draining")
    fleet.tell(.drain)
    announce(
      .proxyDraining,
      "draining: \(fleet.openConnections) connections open, at most \(settings.drainTimeout_s) s"
    )
  }

  /// Another process has the listening sockets: take nothing more.
  func retire() {
    guard phase == .serving else { return }
    drain()
    guard case .draining(let deadline, _) = phase else { return }
    phase = .draining(deadline_ns: deadline, retired: true)
    doors = []
    names?.stopRefusing(loop)
    names = nil
    fleet.tell(.retire(hasSuccessor: true))
  }

  private func continueDraining() {
    guard case .draining(let deadline, let retired) = phase else { return }
    if Clock.monotonic_ns() >= deadline {
      phase = .stopped
    } else if fleet.openConnections == 0 {
      if retired {
        // Retired first: a worker that is not may be accepting at this moment.
        if fleet.hasRetired, fleet.openConnections == 0 { phase = .stopped }
      } else {
        // The last look into the listeners' queues, so that nobody who already connected is reset.
        fleet.tell(.retire(hasSuccessor: false))
        phase = .draining(deadline_ns: deadline, retired: true)
      }
    }
  }

  /// Writes an event of the proxy itself.
  func announce(_ kind: EventKind, _ message: String) {
    journal.write(kind.importance) { entry in
      entry.start(kind)
      entry.append("MESSAGE", message)
      entry.append("WEFT_PROXY", settings.name)
      entry.append("WEFT_CONFIG_VERSION", snapshots.table.snapshot?.revision ?? "none")
    }
  }
}

extension Token.Kind {
  static let signals = Token.Kind(16)
  static let watch = Token.Kind(17)
  static let door = Token.Kind(18)
  static let exchange = Token.Kind(19)
  static let questions = Token.Kind(20)
  static let agent = Token.Kind(21)
  static let names = Token.Kind(22)
  static let identity = Token.Kind(23)
}

extension ClosedRange<UInt16> {
  /// `15006`, or `15100-15109`.
  var text: String { lowerBound == upperBound ? "\(lowerBound)" : "\(lowerBound)-\(upperBound)" }
}
