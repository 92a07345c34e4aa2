internal import Balancing
internal import MeshModel
internal import Synchronization

/// The allowances of all workers: a limit counts the requests of a pod, however they are spread over its workers.
///
/// The one lock on the path, and only where a limit applies: it is held for one hash lookup. A limit split among the
/// workers would refuse a client that happens to have one connection at a fraction of what it may send.
final class RateLimiters: Sendable {
  private struct State: ~Copyable {
    var buckets: ClientBuckets?
  }

  private let state = Mutex(State(buckets: nil))

  /// Takes one from the allowance of limit `index`; of `client` alone, where one is given.
  func take(
    _ index: Int,
    requests: UInt32,
    period_ns: UInt64,
    client: IPAddress?,
    version: UInt32,
    now_ns: UInt64
  ) -> RateVerdict {
    state.withLock { state in
      if state.buckets == nil { state.buckets = ClientBuckets(seed: .random(in: .min ... .max)) }
      return state.buckets?
        .take(
          high: client.map { $0.isIPv4 ? 0 : $0.high } ?? .max,
          // One host has a whole /64 of IPv6 to itself.
          low: client.map { $0.isIPv4 ? $0.low : 0 } ?? .max,
          limit: UInt32(truncatingIfNeeded: index) &+ version &* 0x9e37_79b9,
          tokens: requests,
          per_ns: period_ns,
          now_ns: now_ns
        ) ?? .granted
    }
  }
}
