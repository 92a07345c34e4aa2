internal import Balancing
internal import HTTP1
internal import MeshModel
internal import Reactor

/// All that a worker keeps for requests: who asks, who answers, what is under way, and the memory they are parsed in.
struct RequestStores: ~Copyable {
  var clients: Slab<HTTPClient>
  var upstreams: Slab<HTTPUpstream>
  var exchanges: Slab<Exchange>
  var targets = TargetTable()
  var clusters = ClusterTable()
  var shelf = RulesShelf()

  /// In the worker's coarse ticks.
  var clientTimers: TimerWheel
  var upstreamTimers: TimerWheel
  /// In ticks of `FineTick`: what routes ask for in milliseconds. By exchange.
  var deadlines: TimerWheel

  var batch = SendBatch()
  /// Clients with work left over from the last turn.
  var unfinished: [Slot] = []

  var random: FastRandom
  var retries = RetryBudget()
  /// Successes that may still be recorded this second, where no document says how many.
  var successes: TokenBucket
  var clientBuckets: ClientBuckets

  /// The heads under way: each is used up before the next is parsed.
  var request = RequestHead()
  var response = ResponseHead()
  /// Where heads and chunks are written before they are sent.
  let output: UnsafeMutableRawBufferPointer
  /// Where a path is normalised.
  let pathRoom: UnsafeMutableRawBufferPointer

  /// A head as long as may be, what a route adds to it, and a whole read with a chunk's line before each of its runs.
  private static let outputBytes = 2 * HeadLimit.bytes + 2 * Int(ReadSize.largest.bytes)

  init(connections: Int, seed: UInt64, now_ns: UInt64, tick: UInt32) {
    // Each takes one descriptor, where a relayed connection takes two; what bounds them together is `Worker.isFull`.
    clients = Slab(capacity: 2 * connections)
    upstreams = Slab(capacity: 2 * connections)
    exchanges = Slab(capacity: 2 * connections)
    clientTimers = TimerWheel(now: tick)
    upstreamTimers = TimerWheel(now: tick)
    deadlines = TimerWheel(now: FineTick.at(now_ns))
    random = FastRandom(seed: seed)
    successes = TokenBucket(tokens: SuccessRecords.perSecond, per_ns: 1_000_000_000, now_ns: now_ns)
    clientBuckets = ClientBuckets(seed: seed ^ 0x5851_f42d_4c95_7f2d)
    output = .allocate(byteCount: Self.outputBytes, alignment: 4096)
    pathRoom = .allocate(byteCount: HeadLimit.targetBytes, alignment: 16)
  }

  deinit {
    output.deallocate()
    pathRoom.deallocate()
  }
}

/// The finer of the two clocks that timers count in.
enum FineTick {
  /// Milliseconds: the coarseness of timeouts, delays and backoffs that routes ask for.
  static let milliseconds: UInt64 = 4

  /// The tick that a time of the monotonic clock is in.
  static func at(_ time_ns: UInt64) -> UInt32 {
    UInt32(truncatingIfNeeded: time_ns / (milliseconds * 1_000_000))
  }

  /// The first tick at which `time_ns` has passed.
  static func after(_ time_ns: UInt64) -> UInt32 { at(time_ns) &+ 1 }
}

/// Bounds on serving requests.
enum RequestLimit {
  /// Steps of one client in one turn of the loop: a pipelining client cannot starve the others.
  static let stepsPerTurn = 16
  /// Ticks (250 ms) from a head's first byte to its last (slowloris).
  static let headTicks: UInt32 = 4 * 10
  /// Ticks (250 ms) that a request whose body is awaited may say nothing, where its server takes what comes.
  static let bodyTicks: UInt32 = 4 * 60
  /// Ticks that a client which was told to go may take for it.
  static let lingerTicks: UInt32 = 4 * 2
  /// Bytes that are read and forgotten meanwhile.
  static let lingerBytes: UInt64 = 1 << 20
  /// Interim answers (1xx) passed on for one request: 100, 102 and 103 once each and some to spare.
  static let interimAnswers: UInt8 = 8
  /// Further endpoints that are tried where a connection cannot be made, without any document asking for it: nothing
  /// was sent, so it is safe.
  static let connectRetries: UInt8 = 2
}

/// Bounds on recording what went well.
enum SuccessRecords {
  /// Records a second and worker of requests that succeeded, where no Telemetry document says what part is wanted.
  static let perSecond: UInt32 = 100
  /// Parts per million of new traces that are sampled, where no document says: Istio's 1 %.
  static let sampledByDefault: UInt32 = 10_000
}
