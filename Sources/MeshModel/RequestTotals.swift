/// The reply to `GET /v1/requests`: what was counted of requests since the start.
public struct RequestTotals: Codable, Hashable, Sendable {
  /// Unix time in milliseconds of the proxy's start; another one than last time tells that it began anew from zero.
  public var startedAtMs: Int64
  /// Milliseconds since the start, by a clock that does not jump.
  public var uptimeMs: Int64
  /// Upper bounds of the latency buckets in milliseconds, each included in its bucket.
  public var boundsMs: [UInt64]
  /// The series that were met, each with what all workers counted.
  public var series: [RequestSeriesTotals]
  /// How often a set of labels found no number left and was counted under the service `other`.
  public var folded: UInt64

  /// A reply.
  public init(startedAtMs: Int64, uptimeMs: Int64, boundsMs: [UInt64], series: [RequestSeriesTotals], folded: UInt64) {
    self.startedAtMs = startedAtMs
    self.uptimeMs = uptimeMs
    self.boundsMs = boundsMs
    self.series = series
    self.folded = folded
  }
}

/// What was counted of the requests in one direction, to one service, by one route.
public struct RequestSeriesTotals: Codable, Hashable, Sendable {
  /// Seen from the workload.
  public var direction: Direction
  /// `namespace/name:port`, `unknown` or `other`.
  public var service: String
  /// The rule of the route; empty where none took the requests.
  public var route: String
  /// Requests that ended.
  public var requests: UInt64
  /// Of these, answered with less than 500.
  public var successes: UInt64
  /// Of these, answered with 500 or more. The rest was not answered: the client was gone.
  public var failures: UInt64
  /// Tries beyond the first.
  public var retries: UInt64
  /// Bytes of request bodies.
  public var bytesReceived: UInt64
  /// Bytes of the answers' bodies.
  public var bytesSent: UInt64
  /// Answers in each latency bucket, one more than there are bounds. Not cumulative.
  public var latencyBuckets: [UInt64]

  /// Counts since the start.
  public init(
    direction: Direction,
    service: String,
    route: String,
    requests: UInt64,
    successes: UInt64,
    failures: UInt64,
    retries: UInt64 = 0,
    bytesReceived: UInt64 = 0,
    bytesSent: UInt64 = 0,
    latencyBuckets: [UInt64]
  ) {
    self.direction = direction
    self.service = service
    self.route = route
    self.requests = requests
    self.successes = successes
    self.failures = failures
    self.retries = retries
    self.bytesReceived = bytesReceived
    self.bytesSent = bytesSent
    self.latencyBuckets = latencyBuckets
  }
}
