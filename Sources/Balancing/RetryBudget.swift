/// How many retries a cluster may see: a share of its requests plus a few a second, over a sliding window, as in
/// Finagle and linkerd. A failing cluster then gets 1.2 times its load, not several times.
///
/// Each request deposits, each retry withdraws. For every retry granted at a time t holds: the retries granted within
/// the window before t number at most `minimumPerSecond` × the window + `ratio` × the requests within it. The minimum
/// may be used at once. A budget belongs to one worker: divide the minimum by the workers.
public struct RetryBudget: BitwiseCopyable, Sendable {
  /// Parts the window is counted in: requests of the last 9 to 10 of them count.
  @usableFromInline static var parts: Int { 10 }
  /// What one retry costs, in credits; a request deposits `creditsPerRequest` of them.
  @inlinable static var creditsPerRetry: UInt64 { 1_000_000 }
  /// The longest window and the largest ratio: beyond them a budget no longer follows the load, and sums might
  /// overflow.
  @inlinable static var longestWindow_s: UInt32 { 600 }
  @inlinable static var largestRatio: Double { 100 }

  @usableFromInline
  struct Part: BitwiseCopyable, Sendable {
    @usableFromInline var requests: UInt32 = 0
    @usableFromInline var retries: UInt32 = 0
    @inlinable init() {}
  }

  /// One more than `parts`: retries are counted for a part longer than requests, so that the oldest, of which some lies
  /// within the window, is never forgotten too soon.
  @usableFromInline var ring = InlineArray<11, Part>(repeating: Part())
  /// Place in the ring of the part that is counted in now.
  @usableFromInline var place = 0
  /// Its number since time 0.
  @usableFromInline var number: UInt64 = 0
  /// When the next part begins.
  @usableFromInline var nextPart_ns: UInt64 = 0
  @usableFromInline let part_ns: UInt64
  @usableFromInline let creditsPerRequest: UInt64
  @usableFromInline let reserve: UInt64

  /// A budget of `ratio` retries per request (0 to 100) and `minimumPerSecond` besides, over `window_s` seconds
  /// (1 to 600). What lies beyond is taken for the nearest.
  public init(ratio: Double = 0.2, minimumPerSecond: UInt32 = 10, window_s: UInt32 = 10) {
    let window_s = UInt64(min(max(window_s, 1), Self.longestWindow_s))
    part_ns = window_s * 1_000_000_000 / UInt64(Self.parts)
    creditsPerRequest = ratio > 0 ? UInt64(min(ratio, Self.largestRatio) * Double(Self.creditsPerRetry)) : 0
    reserve = UInt64(minimumPerSecond) * window_s * Self.creditsPerRetry
  }

  /// Counts a request (not a retry) at `now_ns`.
  @inlinable
  public mutating func deposit(now_ns: UInt64) {
    if now_ns >= nextPart_ns { advance(now_ns) }
    // A part sees at most 4 billion requests; what it saw beyond would only allow more retries.
    if ring[place].requests < .max { ring[place].requests &+= 1 }
  }

  /// Whether a retry may be sent at `now_ns`; if so it is counted.
  public mutating func withdraw(now_ns: UInt64) -> Bool {
    if now_ns >= nextPart_ns { advance(now_ns) }
    guard balance > 0 else { return false }
    ring[place].retries &+= 1
    return true
  }

  /// Retries that may be sent at once, as of the last deposit or withdrawal.
  public var balance: UInt64 {
    let oldest = place == Self.parts ? 0 : place + 1
    var earned = reserve
    var spent: UInt64 = 0
    for index in ring.indices {
      if index != oldest { earned += UInt64(ring[index].requests) * creditsPerRequest }
      spent += UInt64(ring[index].retries) * Self.creditsPerRetry
    }
    return earned > spent ? (earned - spent) / Self.creditsPerRetry : 0
  }

  /// Begins the part that `now_ns` lies in and forgets those that are over. A clock that went backwards never gets
  /// here.
  @usableFromInline
  mutating func advance(_ now_ns: UInt64) {
    let current = now_ns / part_ns
    for _ in 0..<min(current - number, UInt64(ring.count)) {
      place = place == Self.parts ? 0 : place + 1
      ring[place] = Part()
    }
    number = current
    let (next, overflow) = (current + 1).multipliedReportingOverflow(by: part_ns)
    nextPart_ns = overflow ? .max : next
  }
}
