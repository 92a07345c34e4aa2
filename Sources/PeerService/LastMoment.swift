internal import Synchronization

/// When something last happened, for a task that watches another; nil before the first time.
final class LastMoment: Sendable {
  private let moment = Mutex<ContinuousClock.Instant?>(nil)

  func note() { moment.withLock { $0 = .now } }

  var hasCome: Bool { moment.withLock { $0 != nil } }

  func isOlder(than age: Duration) -> Bool { moment.withLock { $0.map { $0.duration(to: .now) > age } ?? true } }
}
