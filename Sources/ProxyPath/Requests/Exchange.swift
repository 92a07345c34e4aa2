internal import HTTP1
internal import MeshModel
internal import Reactor

/// One request and its answer, from the head's last byte to the answer's.
struct Exchange: ~Copyable {
  /// What its record will say; filled in on the way.
  var event: RequestEvent
  let client: Slot
  /// The connection that serves it; none before one is chosen, and after it was lost.
  var upstream = Slot.nowhere
  /// The entry of the rule's backends that was drawn; -1 for none.
  var backendEntry: Int32 = -1
  /// The endpoint that is, or was last, asked.
  var target = UInt32.max
  /// When the request began, and when the present try did.
  let started_ns: UInt64
  var tried_ns: UInt64 = 0

  var requestBody: BodyDecoder
  let requestFraming: RequestFraming
  var isRequestDone: Bool

  var responseBody = BodyDecoder(ResponseFraming.none)
  /// How the body goes to the client, which may differ from how it came.
  var responseFraming = ResponseFraming.none
  var isResponseStarted = false
  /// The answer's body is chunked on neither side: it is passed on as it was read.
  var isAnswerPlain = false
  /// The endpoint takes no more of the request; its answer is still awaited.
  var isRequestCut = false
  /// The endpoint takes another request after this one.
  var isUpstreamPersistent = false
  /// The client takes chunks: it speaks HTTP/1.1.
  let clientTakesChunks: Bool
  /// The client, of HTTP/1.0, asked to keep the connection and must be told that it is.
  let mustSayKeepAlive: Bool
  let wantsUpgrade: Bool
  /// It is a call of gRPC; see `Call.swift`.
  let isGRPC: Bool

  /// The request as it was sent, while it may have to be sent again; see `Replay`.
  var replay = Replay()
  /// Endpoints that are not to be asked again where there are others.
  var tried = TriedTargets()
  /// Tries that may still be made.
  var triesLeft: UInt8 = 0
  /// Whether the route asks for tries beyond those that only make up for lost connections.
  var isRetryWanted = false
  /// Before the second try; 0: at once.
  var backoff_ns: UInt64 = 0
  /// When waiting for an endpoint ends; 0: it has not begun.
  var endpointDeadline_ns: UInt64 = 0
  /// What the exchange waits for, beside its sockets.
  var pause = Pause.none
  /// When it is given up as a whole, and when the present try is; 0: never.
  var deadline_ns: UInt64 = 0
  var tryDeadline_ns: UInt64 = 0
  /// When the kernel is asked whether the client, whose FIN has come, is still there; 0: never.
  var inquiry_ns: UInt64 = 0
  /// What one try may take; 0: no limit.
  var tryTimeout_ns: UInt64 = 0
  /// The rules that judged it, by their place on the worker's shelf.
  let rules: UInt16
  /// Interim answers passed on so far.
  var interimAnswers: UInt8 = 0
  /// The connection under it had served others before.
  var isOnReused = false

  /// A request whose head is `head`, or of which no whole head came.
  init(
    event: RequestEvent,
    client: Slot,
    started_ns: UInt64,
    head: borrowing RequestHead,
    isWhole: Bool,
    rules: UInt16
  ) {
    self.event = event
    self.client = client
    self.started_ns = started_ns
    self.rules = rules
    requestFraming = isWhole ? head.framing : .none
    requestBody = BodyDecoder(isWhole ? head.framing : .none)
    isRequestDone = isWhole && (head.framing == .none || head.framing == .length(0))
    clientTakesChunks = !isWhole || head.minorVersion > 0
    mustSayKeepAlive = isWhole && head.minorVersion == 0 && head.isPersistent
    wantsUpgrade = isWhole && head.wantsUpgrade
    isGRPC = isWhole && head.isGRPC
  }

  /// Nothing is sent before a time has come.
  enum Pause: BitwiseCopyable {
    case none
    /// Until the injected delay is over.
    case delay(until_ns: UInt64)
    /// Until the next try is due.
    case backoff(until_ns: UInt64)
    /// Until endpoints are looked for again.
    case endpoint(until_ns: UInt64)

    /// When it is over; nil where there is none.
    var until_ns: UInt64? {
      switch self {
      case .none: nil
      case .delay(let until_ns), .backoff(let until_ns), .endpoint(let until_ns): until_ns
      }
    }
  }
}

/// The bytes of a request, kept so that they can be sent once more to another endpoint.
struct Replay: ~Copyable {
  /// Bytes kept at most: 64 KiB of body, as Envoy and Linkerd keep, and a head with what a route adds to it.
  static let limit = 64 << 10 + 2 * HeadLimit.bytes

  private var bytes = HeldBytes()
  /// Everything that was sent so far is here.
  private(set) var isComplete = true

  var content: UnsafeRawBufferPointer { bytes.bytes }

  /// Keeps what is being sent; beyond the limit nothing is kept any more, and the request can be sent only once.
  mutating func append(_ fresh: UnsafeRawBufferPointer, _ pool: inout BufferPool) {
    guard isComplete else { return }
    if bytes.count + fresh.count > Self.limit { return giveUp(&pool) }
    bytes.append(fresh, &pool)
  }

  /// Says how long a call may still take, where its head says how long it might.
  mutating func tell(_ left: GRPCTimeout) { bytes.edit { left.replace(in: $0) } }

  /// The request will not be sent again.
  mutating func giveUp(_ pool: inout BufferPool) {
    isComplete = false
    bytes.release(to: &pool)
  }
}
