internal import Journal
internal import Kernel
internal import MeshModel
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
  var names: NameSockets?
  let started: (realtime_us: UInt64, monotonic_ns: UInt64)
  var warnings: [String]
  /// What the agent said last, for a start without it.
  var last: LastSnapshot

  var phase = Phase.serving
  var loop: Epoll
  let signals: SignalDescriptor
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
  var listeners: [ControlListener] = []
  /// The tick at which the listeners are watched again; nil while they are.
  var listenersReopenAt: UInt32?
  /// When the code is given back that reads, checks, compiles and keeps what the agent sends; nil where none of it ran since.
  var tidyAt_ms: UInt64?
  /// Until when a proxy that starts waits for its agent's policies before it says that it is ready; nil: it does not wait.
  var agentDeadline_ns: UInt64?
  /// Where exchanges read into: a page holds nearly every question whole.
  let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 4 << 10, alignment: 16)
  var tick: UInt32

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
    listeners: [ControlListener],
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
    self.listeners = listeners
    loop.add(self.signals.descriptor, .readable, token: Token(.signals, index: 0).rawValue)
    watchListeners()
    if let path = settings.snapshotPath { watchSnapshot(path) }
    agent?.seat.watch(by: loop, token: Token(.questions, index: 0))
  }

  deinit { scratch.deallocate() }

  var isReady: Bool { phase == .serving && !isAwaitingAgent }
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
      reopenControlListeners()
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
}
