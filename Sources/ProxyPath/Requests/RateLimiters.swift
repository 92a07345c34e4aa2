internal import Balancing
internal import MeshModel
internal import Synchronization

/// The allowances of all workers: a limit counts the requests of a pod, however they are spread over its workers.
///
/// The one lock on the path, and only where a limit applies: it is held for one hash lookup. A limit split among the
/// workers would refuse a client that happens to have one connection at a fraction of what it may send.
///
/// Allowances that all clients share are kept apart from those of single clients: whoever comes from ever new
/// addresses pushes out other clients at most, and never the limit that is to hold against such as him.
final class RateLimiters: Sendable {
  private struct State: ~Copyable {
    // Each takes its memory with the first request that it counts.
    var shared: ClientBuckets?
    var clients: ClientBuckets?
  }

  private let state = Mutex(State())

  /// Takes one from the allowance of the limit with this number; of `client` alone, where one is given.
  func take(
    _ limit: UInt32,
    requests: UInt32,
    period_ns: UInt64,
    client: IPAddress?,
    now_ns: UInt64
  ) -> RateVerdict {
    state.withLock { state in
      guard let client else {
        if state.shared == nil { state.shared = ClientBuckets(seed: .random(in: .min ... .max)) }
        return state.shared?
          .take(high: 0, low: 0, limit: limit, tokens: requests, per_ns: period_ns, now_ns: now_ns) ?? .granted
      }
      if state.clients == nil { state.clients = ClientBuckets(seed: .random(in: .min ... .max)) }
      let key = Self.key(client)
      return state.clients?
        .take(high: key.high, low: key.low, limit: limit, tokens: requests, per_ns: period_ns, now_ns: now_ns)
        ?? .granted
    }
  }

  /// How many requests the limit with this number would let through now; nothing is counted.
  func remaining(
    _ limit: UInt32,
    requests: UInt32,
    period_ns: UInt64,
    client: IPAddress?,
    now_ns: UInt64
  ) -> UInt32 {
    state.withLock { state in
      guard let client else {
        return state.shared?
          .remaining(high: 0, low: 0, limit: limit, tokens: requests, per_ns: period_ns, now_ns: now_ns) ?? requests
      }
      let key = Self.key(client)
      return state.clients?
        .remaining(high: key.high, low: key.low, limit: limit, tokens: requests, per_ns: period_ns, now_ns: now_ns)
        ?? requests
    }
  }

  /// One host has a whole /64 of IPv6 to itself.
  private static func key(_ client: IPAddress) -> (high: UInt64, low: UInt64) {
    client.isIPv4 ? (0, client.low) : (client.high, 0)
  }
}
