/// One token bucket per client and limit, for so many clients at most: memory is taken once and never grows.
///
/// A client is looked for in a few places, spread by its hash. Where it has none, it takes the one whose bucket is
/// nearest to full, which loses least by being forgotten; a full one loses nothing and counts as free.
///
/// Who comes from many addresses gains a bucket for each, as with any limit per client, and can push out others, who
/// then start with a full one. Under one limit his fresh buckets are fuller than any that is exhausted, so they push
/// out each other first. Under such a flood this limit errs towards granting; one that all clients share holds against
/// it, where it is kept apart from them.
public struct ClientBuckets: ~Copyable {
  /// Clients known at once where the owner names no number: 128 KiB, and more than one host talks to at once.
  public static let defaultCapacity = 4_096
  /// Places a client may be in: at half load 1 newcomer in 256 finds them all taken, at a quarter 1 in 65,536.
  @inlinable static var probes: Int { 8 }

  @usableFromInline
  struct Place: BitwiseCopyable {
    @usableFromInline var high: UInt64 = 0
    @usableFromInline var low: UInt64 = 0
    @usableFromInline var level = BucketLevel()
    @usableFromInline var limit: UInt32 = 0
    @inlinable init() {}
  }

  @usableFromInline let places: UnsafeMutablePointer<Place>
  @usableFromInline let mask: Int
  @usableFromInline let seed: UInt64

  /// Clients that can be known at once.
  public var capacity: Int { mask + 1 }

  /// Room for `capacity` clients, rounded up to a power of two (8 to 1,048,576). `seed` is random and kept to
  /// ourselves: whoever knew it could choose addresses that share their places.
  public init(capacity: Int = ClientBuckets.defaultCapacity, seed: UInt64) {
    var rounded = Self.probes
    while rounded < min(capacity, 1 << 20) { rounded *= 2 }
    mask = rounded - 1
    self.seed = seed
    places = .allocate(capacity: rounded)
    places.initialize(repeating: Place(), count: rounded)
  }

  deinit { places.deallocate() }

  /// Takes a token of a client at `now_ns` under limit number `limit`, which grants `tokens` per `per_ns`.
  ///
  /// `high` and `low` are the client: an IPv4 address, the first 64 bits of an IPv6 address (one host has them all), or
  /// a hash of an identity.
  @inlinable
  public mutating func take(
    high: UInt64,
    low: UInt64,
    limit: UInt32,
    tokens: UInt32,
    per_ns: UInt64,
    now_ns: UInt64
  ) -> RateVerdict {
    let place = find(high, low, limit)
    return place.pointee.level.take(tokens: tokens, per_ns: per_ns, now_ns: now_ns)
  }

  /// How many tokens a client has at `now_ns` under a limit; nothing is taken, and no place either.
  public func remaining(
    high: UInt64,
    low: UInt64,
    limit: UInt32,
    tokens: UInt32,
    per_ns: UInt64,
    now_ns: UInt64
  ) -> UInt32 {
    let hash = (((high ^ seed).mixed &+ low).mixed ^ UInt64(limit)).mixed
    let stride = Int(truncatingIfNeeded: hash &>> 32) | 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    for _ in 0..<Self.probes {
      let place = places + slot
      if place.pointee.low == low, place.pointee.high == high, place.pointee.limit == limit {
        return place.pointee.level.remaining(tokens: tokens, per_ns: per_ns, now_ns: now_ns)
      }
      slot = (slot &+ stride) & mask
    }
    return tokens
  }

  /// The place of a client, made its own where it was not.
  @inlinable
  mutating func find(_ high: UInt64, _ low: UInt64, _ limit: UInt32) -> UnsafeMutablePointer<Place> {
    let hash = (((high ^ seed).mixed &+ low).mixed ^ UInt64(limit)).mixed
    // An odd stride meets each place of a power of two once; neighbours would clump together.
    let stride = Int(truncatingIfNeeded: hash &>> 32) | 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    var fullest = places + slot
    for _ in 0..<Self.probes {
      let place = places + slot
      if place.pointee.low == low, place.pointee.high == high, place.pointee.limit == limit { return place }
      if place.pointee.level.full_ns < fullest.pointee.level.full_ns { fullest = place }
      slot = (slot &+ stride) & mask
    }
    fullest.pointee = Place()
    fullest.pointee.high = high
    fullest.pointee.low = low
    fullest.pointee.limit = limit
    return fullest
  }
}
