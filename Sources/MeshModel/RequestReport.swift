/// What a request came to, coarsely.
public enum RequestOutcome: String, Codable, CaseIterable, Hashable, Sendable, BitwiseCopyable {
  /// It was answered by whom it was meant for with less than 500, or by a route's redirect.
  case ok
  /// A policy, a token or a rate limit stood against it.
  case denied
  /// Anything else: an answer of 500 or more, no answer, or one that the proxy had to give.
  case failed
}

/// One request that ended.
public struct RequestReport: Codable, Hashable, Sendable {
  /// Its place among the requests that the proxy kept while somebody tapped, from 1.
  public var sequence: UInt64
  /// Unix time in milliseconds when its record was made, a moment after its end.
  public var timeMs: Int64
  /// The CONNECTION_ID of its journal entries.
  public var connection: String
  /// Its place among the requests of the connection, from 1.
  public var number: UInt32
  /// Seen from the workload.
  public var direction: Direction
  /// Who dialled.
  public var source: SocketAddress
  /// What was dialled.
  public var originalDestination: SocketAddress
  /// Where the proxy sent it; nil where nobody was asked.
  public var upstream: SocketAddress?
  /// As the client sent it.
  public var method: String
  /// The host it was for, as the client sent it; empty where it named none.
  public var authority: String
  /// Path and query, as the client sent them.
  public var path: String
  /// Whether authority or path were too long to be kept whole.
  public var isCut: Bool
  /// What the client was answered; nil where it was not.
  public var status: UInt16?
  /// What a call of gRPC came to, as `grpc-status` says it; nil for other requests, and where nobody said.
  public var grpcStatus: UInt8?
  /// What it came to.
  public var outcome: RequestOutcome
  /// Why it ended, as WEFT_REASON has it.
  public var reason: String
  /// What exactly was wrong with the request, where something was.
  public var detail: String?
  /// Envoy's response flags; `-` for none.
  public var flags: String
  /// `namespace/name:port` of the service it was for; nil where the mesh does not know the name.
  public var service: String?
  /// The rule of the route that took it; nil where none did.
  public var route: String?
  /// `namespace/name:port` of the service it was sent to.
  public var backend: String?
  /// What authorization said; nil where it was not asked.
  public var verdict: VerdictDescription?
  /// A policy in dry-run mode that would have decided otherwise.
  public var dryRunPolicy: String?
  /// An AUDIT policy that matched.
  public var auditPolicy: String?
  /// Tries beyond the first.
  public var retries: Int
  /// Microseconds from its first byte to its end.
  public var durationUs: UInt64
  /// Microseconds from its first byte to the first byte of its answer; nil where there was none.
  public var firstByteUs: UInt64?
  /// Bytes of the answer's body.
  public var bytesSent: UInt64
  /// Bytes of the request's body.
  public var bytesReceived: UInt64
  /// Thirty-two hexadecimal digits; nil where it was not traced.
  public var traceID: String?
  /// Sixteen hexadecimal digits.
  public var spanID: String?
  /// The SPIFFE ID that mutual TLS has proved for the side that dialled; nil where it came or went without.
  public var sourceIdentity: String?
  /// The same for the side that was dialled.
  public var destinationIdentity: String?
  /// `TLSv1.3`, between the two proxies; nil without mutual TLS.
  public var tlsVersion: String?
  /// Whether an earlier session was taken up there; nil without mutual TLS.
  public var tlsResumed: Bool?
  /// The program that dialled; nil where it is not known, as on inbound connections.
  public var process: ProcessReport?

  /// A request of which only the indispensable is known; the rest is set afterwards.
  public init(
    sequence: UInt64 = 0,
    timeMs: Int64 = 0,
    connection: String,
    number: UInt32,
    direction: Direction,
    source: SocketAddress,
    originalDestination: SocketAddress,
    method: String,
    authority: String,
    path: String,
    status: UInt16?,
    outcome: RequestOutcome,
    reason: String,
    flags: String = "-"
  ) {
    self.sequence = sequence
    self.timeMs = timeMs
    self.connection = connection
    self.number = number
    self.direction = direction
    self.source = source
    self.originalDestination = originalDestination
    self.method = method
    self.authority = authority
    self.path = path
    self.isCut = false
    self.status = status
    self.outcome = outcome
    self.reason = reason
    self.flags = flags
    self.retries = 0
    self.durationUs = 0
    self.bytesSent = 0
    self.bytesReceived = 0
  }
}

/// The reply to `GET /v1/tap`.
public struct TapReply: Codable, Hashable, Sendable {
  /// The requests after the one asked for that the filter takes, oldest first.
  public var requests: [RequestReport]
  /// The last request that was looked at: ask for those after it next.
  public var newest: UInt64
  /// Requests after the one asked for that had to make room before anybody asked; whether the filter would have taken
  /// them is not known.
  public var lost: UInt64
  /// Requests that no worker handed over while somebody tapped, since there were too many: a count since the start.
  public var leftOut: UInt64

  /// A reply.
  public init(requests: [RequestReport], newest: UInt64, lost: UInt64, leftOut: UInt64) {
    self.requests = requests
    self.newest = newest
    self.lost = lost
    self.leftOut = leftOut
  }
}
