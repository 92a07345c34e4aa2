internal import MeshModel
internal import Synchronization

/// Allows each address a number of calls at once and so many a second after, so that one of them cannot use up what is
/// meant for all. IPv6 addresses count by their /64, of which whoever has one address has all (RFC 4291 section 2.5.4).
final class AddressLimits: Sendable {
  private struct Bucket {
    var left: Double
    var at: ContinuousClock.Instant
  }

  private let burst: Double
  private let perSecond: Double
  private let capacity: Int
  private let buckets = Mutex<[IPAddress: Bucket]>([:])

  init(burst: Double, perSecond: Double, capacity: Int) {
    self.burst = burst
    self.perSecond = perSecond
    self.capacity = capacity
  }

  /// How many addresses are remembered.
  var count: Int { buckets.withLock { $0.count } }

  /// Whether `ip` may call now.
  func take(_ ip: IPAddress, now: ContinuousClock.Instant = .now) -> Bool {
    let key = ip.isIPv4 ? ip : IPAddress(high: ip.high, low: 0)
    return buckets.withLock { buckets in
      if buckets[key] == nil, buckets.count >= capacity { makeRoom(&buckets, now) }
      var bucket = buckets[key] ?? Bucket(left: burst, at: now)
      bucket = Bucket(left: left(bucket, now), at: now)
      let isAllowed = bucket.left >= 1
      if isAllowed { bucket.left -= 1 }
      buckets[key] = bucket
      return isAllowed
    }
  }

  private func left(_ bucket: Bucket, _ now: ContinuousClock.Instant) -> Double {
    let elapsed = bucket.at.duration(to: now).components
    return min(burst, bucket.left + (Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18) * perSecond)
  }

  /// Forgets who would be allowed everything again; where nobody is, who has called least of late.
  private func makeRoom(_ buckets: inout [IPAddress: Bucket], _ now: ContinuousClock.Instant) {
    buckets = buckets.filter { left($0.value, now) < burst }
    guard buckets.count >= capacity else { return }
    if let least = buckets.max(by: { left($0.value, now) < left($1.value, now) }) { buckets[least.key] = nil }
  }
}
