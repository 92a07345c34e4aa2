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
  @exclusivity(unchecked) var gathering: Gathering
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
  @exclusivity(unchecked) var isStopping = false

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

  /// The id of the next connection.
  func nextID() -> ConnectionID {
    sequence &+= 1
    return ConnectionID(epoch: epoch, worker: number, sequence: sequence)
  }

  /// A time of the monotonic clock in the unit of the timer wheels.
  static func tick(_ time_ns: UInt64) -> UInt32 {
    UInt32(truncatingIfNeeded: time_ns / (TimerWheel.tick_ms * 1_000_000))
  }
}
