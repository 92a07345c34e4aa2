public import Logging
internal import Synchronization

/// A log of what others can cause as often as they like: of each kind one line a second at most, which says how many were
/// left out, so that a flood of one kind hides nothing of another.
public final class PacedLog: Sendable {
  private struct State {
    var last: ContinuousClock.Instant?
    var leftOut = 0
  }

  private let log: Logger
  /// By kind. Kinds are names of counters, of which the program has a few dozen.
  private let states = Mutex<[String: State]>([:])

  /// Says it by `log`.
  public init(_ log: Logger) { self.log = log }

  /// Says `text`, unless something of the same kind was said less than a second ago.
  public func warning(_ kind: String, _ text: @autoclosure () -> String) {
    let leftOut: Int? = states.withLock { states in
      let now = ContinuousClock.now
      let state = states[kind] ?? State()
      if let last = state.last, last.duration(to: now) < .milliseconds(PeerLimit.logPause_ms) {
        states[kind]?.leftOut += 1
        return nil
      }
      states[kind] = State(last: now)
      return state.leftOut
    }
    guard let leftOut else { return }
    log.warning("\(text())\(leftOut == 0 ? "" : "; \(leftOut) more since the line before")")
  }
}
