internal import Logging
internal import Synchronization

/// A log of what others can cause as often as they like: one line a second at most, which says how many were left out.
final class PacedLog: Sendable {
  private struct State {
    var last: ContinuousClock.Instant?
    var leftOut = 0
  }

  private let log: Logger
  private let state = Mutex(State())

  init(_ log: Logger) { self.log = log }

  func warning(_ text: @autoclosure () -> String) {
    let leftOut: Int? = state.withLock { state in
      let now = ContinuousClock.now
      if let last = state.last, last.duration(to: now) < .milliseconds(PeerLimit.logPause_ms) {
        state.leftOut += 1
        return nil
      }
      defer { state = State(last: now) }
      return state.leftOut
    }
    guard let leftOut else { return }
    log.warning("\(text())\(leftOut == 0 ? "" : "; \(leftOut) more since the line before")")
  }
}
