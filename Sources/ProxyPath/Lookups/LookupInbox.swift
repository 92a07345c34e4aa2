internal import Discovery
internal import Kernel
internal import Reactor

/// The way of questions from the workers to the control thread: for each worker a bounded ring, and one signal that wakes
/// the control thread's loop.
final class LookupInbox: Sendable {
  private let rings: [Ring<LookupQuestion>]
  private let signal: EventSignal

  init(workers: Int) throws(SystemError) {
    rings = (0..<workers).map { _ in Ring(capacity: LookupLimit.waiting) }
    signal = try EventSignal()
  }

  /// Worker: leaves a question; false where too many wait. `ring` afterwards, once a turn.
  func ask(_ question: LookupQuestion, worker: Int) -> Bool { rings[worker].push(question) }

  /// Worker: there is a question.
  func ring() { signal.raise() }

  /// Control thread: its loop wakes when there are questions.
  func watch(by loop: borrowing Epoll, token: Token) { loop.add(signal.descriptor, .readable, token: token.rawValue) }

  /// Control thread: all that was asked since, each key once.
  func takeAll() -> [LookupKey] {
    signal.clear()
    var seen: Set<LookupKey> = []
    var keys: [LookupKey] = []
    for ring in rings {
      // A worker may go on asking meanwhile; its next ring wakes the loop again.
      for _ in 0..<LookupLimit.waiting {
        guard let key = ring.pop()?.key else { break }
        if seen.insert(key).inserted { keys.append(key) }
      }
    }
    return keys
  }
}
