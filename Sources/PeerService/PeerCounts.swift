internal import Synchronization

/// What happened between this host and others, by name.
public final class PeerCounts: Sendable {
  private let values = Mutex<[String: UInt64]>([:])

  /// Nothing yet.
  public init() {}

  /// All that happened so far.
  public var snapshot: [String: UInt64] { values.withLock { $0 } }

  func count(_ name: String) { values.withLock { $0[name, default: 0] += 1 } }
}

/// Allows a number of calls at once and so many a second after.
final class RateLimit: Sendable {
  private let burst: Double
  private let perSecond: Double
  private let state: Mutex<(left: Double, at: ContinuousClock.Instant)>

  init(burst: Double, perSecond: Double) {
    self.burst = burst
    self.perSecond = perSecond
    state = Mutex((burst, .now))
  }

  func take() -> Bool {
    state.withLock { state in
      let now = ContinuousClock.now
      let elapsed = state.at.duration(to: now).components
      let seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
      state = (min(burst, state.left + seconds * perSecond), now)
      guard state.left >= 1 else { return false }
      state.left -= 1
      return true
    }
  }
}
