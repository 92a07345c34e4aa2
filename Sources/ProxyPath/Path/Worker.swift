internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor
internal import Telemetry
internal import Tokens

/// One event loop: its listeners, its connections, and nothing shared with the others but immutable tables.
///
/// Confined to the thread that calls `run`; others only leave letters in `mailbox`.
final class Worker {
  let number: UInt8
  let limits: WorkerLimits
  let mailbox: Mailbox<WorkerLetter>
  let outbox: Outbox
  let counters: WorkerCounters

  // One thread touches these, and no call below holds one of them while another changes it, so the run-time check of
  // exclusive access, a third of the path's instructions when measured, would find nothing.
  @exclusivity(unchecked) var keeper: Gatekeeper
  @exclusivity(unchecked) var loop: Epoll
  @exclusivity(unchecked) var listeners: ListenerTable
  @exclusivity(unchecked) var connections: Slab<Connection>
  @exclusivity(unchecked) var timers: TimerWheel
  @exclusivity(unchecked) var pool = BufferPool(limit: RelayLimit.pendingBytesPerWorker)
  let scratch: UnsafeMutableRawBufferPointer
  @exclusivity(unchecked) var http: RequestStores
  @exclusivity(unchecked) private var gathering: Gathering
  let peers: PeerStores
  @exclusivity(unchecked) var peerTimers: TimerWheel
  let secure: SecureStores
  @exclusivity(unchecked) var inquiry = ClientInquiry()
  @exclusivity(unchecked) var edges = EdgeTable()
  /// Where patterns keep their place while they match.
  let patterns = PatternScratch()
  let tokenCache = TokenCache()
  /// The token of the request under way, so that what borrows it lasts.
  @exclusivity(unchecked) var keptToken: VerifiedToken?
  /// What the rules do not know and the agent may.
  @exclusivity(unchecked) var lookups: Lookups
  /// Who the proxy is to its peers; nil until the agent has said so, and where it says that it is nobody.
  @exclusivity(unchecked) var identity: WorkerIdentity?
  /// Shared by all workers.
  let limiters: RateLimiters
  let seriesCache: SeriesCache
  let tcpSeries: TCPSeriesCache

  /// Connections with work left over from the last turn.
  @exclusivity(unchecked) var unfinished: [Slot] = []
  /// Storage that expired timers are handed over in; kept between turns.
  @exclusivity(unchecked) var expired: [UInt32] = []
  @exclusivity(unchecked) var now_ns: UInt64
  /// `now_ns` in the timer wheel's unit.
  @exclusivity(unchecked) var tick: UInt32
  @exclusivity(unchecked) var isAcceptPaused = false
  @exclusivity(unchecked) var acceptResumesAt: UInt32 = 0
  /// Its listeners are gone: it serves what is open and takes no more.
  @exclusivity(unchecked) var isRetired = false
  /// The proxy is about to end: answers say that they are a connection's last.
  @exclusivity(unchecked) var isDraining = false
  /// When the lack of descriptors was last told; it may come and go many times a second.
  @exclusivity(unchecked) var exhaustionTold_ns: UInt64 = 0
  /// When an exception ends that somebody was let in by, or it is looked at again whether one has; `.max` for never.
  @exclusivity(unchecked) var exceptionEnd_ns = UInt64.max
  @exclusivity(unchecked) private var sequence: UInt32 = 0
  private let epoch: UInt32
  @exclusivity(unchecked) private var isStopping = false

  init(
    number: UInt8,
    epoch: UInt32,
    limits: WorkerLimits,
    listeners: consuming ListenerTable,
    keeper: Gatekeeper,
    outbox: Outbox,
    counters: WorkerCounters,
    rules: RequestRules,
    limiters: RateLimiters,
    series: RequestSeriesRegistry,
    tcpSeries: TCPSeriesRegistry = TCPSeriesRegistry(),
    inbox: LookupInbox? = nil,
    material: TLSMaterial = TLSMaterial()
  ) throws(SystemError) {
    self.number = number
    self.epoch = epoch
    self.limits = limits
    self.listeners = listeners
    self.keeper = keeper
    self.outbox = outbox
    self.counters = counters
    loop = try Epoll()
    mailbox = try Mailbox()
    connections = Slab(capacity: limits.connections)
    now_ns = Clock.monotonic_ns()
    tick = Self.tick(now_ns)
    gathering = Gathering(now_ns: now_ns)
    peers = PeerStores(connections: limits.connections)
    peerTimers = TimerWheel(now: tick)
    secure = SecureStores(connections: limits.connections, keyLog: limits.keyLog)
    timers = TimerWheel(now: tick)
    http = RequestStores(connections: limits.connections, seed: .random(in: .min ... .max), now_ns: now_ns, tick: tick)
    lookups = Lookups(inbox, namespace: keeper.rules.table.workload.namespace)
    self.limiters = limiters
    seriesCache = SeriesCache(series)
    self.tcpSeries = TCPSeriesCache(tcpSeries)
    scratch = .allocate(byteCount: Int(ReadSize.largest.bytes), alignment: 4096)
    adoptRules(rules)
    secure.adopt(material)
    noteExceptions()
    mailbox.watch(by: loop, token: Token(.mail, index: 0))
    watchListeners()
  }

  deinit { scratch.deallocate() }

  /// Serves until told to stop.
  func run() {
    Pause.beExact()
    while !isStopping { turn(timeout_ms: patience_ms) }
    closeAll(.drained)
    outbox.endTurn()
  }

  /// One turn of the loop: whatever has happened, after at most so long a sleep.
  func turn(timeout_ms: Int32) {
    if timeout_ms != 0, gathering.isWorthwhile(underWay: http.exchanges.count) { Pause.take(Gathering.pause_ns) }
    let count = loop.wait(timeout_ms: timeout_ms)
    now_ns = Clock.monotonic_ns()
    gathering.note(events: count, now_ns: now_ns)
    let before = tick
    tick = Self.tick(now_ns)
    for index in 0..<count {
      let (raw, readiness) = loop.event(index)
      dispatch(Token(rawValue: raw), readiness)
      if http.batch.isFull { sendBatch() }
    }
    // Before the peers' news, which it may bring, and behind them, which may bring some.
    if secure.hasNews { serveSecureNews() }
    servePeersNews()
    if secure.hasNews { serveSecureNews() }
    sendBatch()
    serveUnfinished()
    serveUnfinishedClients()
    expireDeadlines()
    expireHeld()
    if now_ns >= exceptionEnd_ns { judgePeersAgain() }
    if tick != before {
      expireTimers()
      expireClients()
      expireUpstreams()
      expirePeers()
      secure.expireLeaving()
    }
    sendBatch()
    flushPeers()
    resumeAcceptingIfPossible()
    ringForLookups()
    outbox.endTurn()
  }

  func dispatch(_ token: Token, _ readiness: Readiness) {
    switch token.kind {
    case .downstream:
      guard let connection = connections.pointer(token.slot) else { return }
      connection.pointee.downstream.note(readiness)
      serve(connection, token.slot)
    case .upstream:
      guard let connection = connections.pointer(token.slot) else { return }
      connection.pointee.upstream.note(readiness)
      if connection.pointee.phase == .connecting {
        finishConnecting(connection, token.slot, readiness)
        guard let stillThere = connections.pointer(token.slot) else { return }
        serve(stillThere, token.slot)
      } else {
        serve(connection, token.slot)
      }
    case .httpClient:
      guard let client = http.clients.pointer(token.slot) else { return }
      client.pointee.side.note(readiness)
      if readiness.contains(.peerFinished) { noteFIN(client) }
      serveClient(token.slot)
    case .httpUpstream: serveUpstream(token.slot, readiness)
    case .listener: accept(from: Int(token.slot.index))
    case .heldConnection: noteHeld(token.slot, readiness)
    case .peer: servePeer(token.slot, readiness)
    case .secure: secure.take(readiness, token.slot, now_ns: now_ns)
    case .mail: for letter in mailbox.takeAll() { open(letter) }
    default: break
    }
  }

  private func open(_ letter: WorkerLetter) {
    switch letter {
    case .policy(let table, let version, let rules): adopt(table, version, rules)
    case .discovery(let isLive): noteAgent(isLive: isLive)
    case .settled(let keys): settle(keys)
    case .forgotten(let keys): forget(keys)
    case .identity(let identity): adopt(identity)
    case .material(let material): adopt(material)
    case .drain: beginDraining()
    case .report(let survey): report(survey)
    case .reportEndpoints(let survey): report(survey)
    case .reportEdges(let survey): report(survey)
    case .reportPeers(let survey): report(survey)
    case .retire(let hasSuccessor):
      retire(hasSuccessor: hasSuccessor)
    case .stop: isStopping = true
    }
  }

  /// How long the loop may sleep: not at all with work left, else until the next timer.
  var patience_ms: Int32 {
    if !unfinished.isEmpty || !http.unfinished.isEmpty || peers.hasWork || secure.hasNews { return 0 }
    if isAcceptPaused && !isRetired || secure.hasLeaving { return Int32(TimerWheel.tick_ms) }
    var patience = Int32.max
    if let ticks = timers.patience(now: tick) { patience = Int32(ticks) * Int32(TimerWheel.tick_ms) }
    if let ticks = http.clientTimers.patience(now: tick) {
      patience = min(patience, Int32(ticks) * Int32(TimerWheel.tick_ms))
    }
    if let ticks = peerTimers.patience(now: tick) {
      patience = min(patience, Int32(ticks) * Int32(TimerWheel.tick_ms))
    }
    if let ticks = http.upstreamTimers.patience(now: tick) {
      patience = min(patience, Int32(ticks) * Int32(TimerWheel.tick_ms))
    }
    if http.deadlines.count > 0, let ticks = http.deadlines.patience(now: FineTick.at(now_ns)) {
      patience = min(patience, Int32(ticks) * Int32(FineTick.milliseconds))
    }
    if lookups.deadline_ns != .max {
      let left_ns = lookups.deadline_ns > now_ns ? lookups.deadline_ns - now_ns : 0
      patience = min(patience, Int32(clamping: left_ns / 1_000_000 + 1))
    }
    if exceptionEnd_ns != .max {
      let left_ns = exceptionEnd_ns > now_ns ? exceptionEnd_ns - now_ns : 0
      patience = min(patience, Int32(clamping: left_ns / 1_000_000 + 1))
    }
    return patience == .max ? -1 : patience
  }

  func nextID() -> ConnectionID {
    sequence &+= 1
    return ConnectionID(epoch: epoch, worker: number, sequence: sequence)
  }

  static func tick(_ time_ns: UInt64) -> UInt32 {
    UInt32(truncatingIfNeeded: time_ns / (TimerWheel.tick_ms * 1_000_000))
  }
}

extension Token.Kind {
  static let listener = Token.Kind(1)
  static let mail = Token.Kind(2)
  static let downstream = Token.Kind(3)
  static let upstream = Token.Kind(4)
}

extension Token {
  /// A token of something that is not in a slab and never goes away.
  init(_ kind: Kind, index: UInt32) { self.init(kind, slot: Slot(index: index, generation: 0)) }
}
