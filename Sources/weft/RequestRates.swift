import MeshModel

/// What the requests of one series came to between two looks.
struct RequestRate: Encodable, Equatable {
  let direction: Direction
  let service: String
  let route: String
  /// Requests a second.
  let perSecond: Double
  let requests: UInt64
  let successes: UInt64
  let failures: UInt64
  let retries: UInt64
  /// Of those that were answered, which part was not by 5xx; nil where none was.
  let successRate: Double?
  /// Milliseconds until the first byte of the answer; nil where none was answered. Read off buckets, so a value is as
  /// exact as its bucket is narrow; one beyond the last bound is told as that.
  let p50Ms: Double?
  let p95Ms: Double?
  let p99Ms: Double?
}

/// The differences between two looks at one proxy.
struct RequestRates: Encodable, Equatable {
  let proxy: String
  let intervalMs: Int64
  /// Upper bound of the last latency bucket but one: what is beyond it is known only to be beyond.
  let lastBoundMs: UInt64
  /// Series in which requests ended meanwhile, most first.
  let series: [RequestRate]
  /// Times that labels found no number of their own and were counted under the service `other`, since the start.
  let folded: UInt64

  /// Nil where the two looks were at two runs of the proxy, or no time lies between them: there is no difference then.
  init?(proxy: String, _ before: RequestTotals, _ after: RequestTotals) {
    guard before.startedAtMs == after.startedAtMs, after.uptimeMs > before.uptimeMs else { return nil }
    self.proxy = proxy
    intervalMs = after.uptimeMs - before.uptimeMs
    lastBoundMs = after.boundsMs.last ?? 0
    folded = after.folded
    let seconds = Double(intervalMs) / 1000
    let known = Dictionary(before.series.map { (Labels($0), $0) }) { first, _ in first }
    series =
      after.series
      .compactMap { RequestRate(known[Labels($0)], $0, after.boundsMs, seconds: seconds) }
      .sorted { ($1.requests, $0.service, $0.route) < ($0.requests, $1.service, $1.route) }
  }

  private struct Labels: Hashable {
    let direction: Direction
    let service: String
    let route: String

    init(_ series: RequestSeriesTotals) {
      direction = series.direction
      service = series.service
      route = series.route
    }
  }
}

extension RequestRate {
  /// Nil where nothing ended.
  fileprivate init?(
    _ before: RequestSeriesTotals?,
    _ after: RequestSeriesTotals,
    _ bounds: [UInt64],
    seconds: Double
  ) {
    func since(_ count: (RequestSeriesTotals) -> UInt64) -> UInt64 {
      let (new, old) = (count(after), before.map(count) ?? 0)
      return new > old ? new - old : 0
    }
    direction = after.direction
    service = after.service
    route = after.route
    requests = since(\.requests)
    guard requests > 0 else { return nil }
    perSecond = Double(requests) / seconds
    successes = since(\.successes)
    failures = since(\.failures)
    retries = since(\.retries)
    let answered = successes + failures
    successRate = answered == 0 ? nil : Double(successes) / Double(answered)
    let buckets = after.latencyBuckets.indices.map { index in
      since { $0.latencyBuckets.indices.contains(index) ? $0.latencyBuckets[index] : 0 }
    }
    p50Ms = Self.quantile(0.5, buckets, bounds)
    p95Ms = Self.quantile(0.95, buckets, bounds)
    p99Ms = Self.quantile(0.99, buckets, bounds)
  }

  /// As Prometheus' histogram_quantile reads buckets: evenly spread within each, the last bound for what exceeds it.
  static func quantile(_ part: Double, _ buckets: [UInt64], _ bounds: [UInt64]) -> Double? {
    let total = buckets.reduce(0, +)
    guard total > 0, buckets.count == bounds.count + 1 else { return nil }
    let rank = part * Double(total)
    var below = 0.0
    for (index, count) in buckets.enumerated() where count > 0 {
      if below + Double(count) >= rank {
        guard index < bounds.count else { break }
        let lower = index == 0 ? 0 : Double(bounds[index - 1])
        return lower + (Double(bounds[index]) - lower) * (rank - below) / Double(count)
      }
      below += Double(count)
    }
    return bounds.last.map { Double($0) }
  }
}
