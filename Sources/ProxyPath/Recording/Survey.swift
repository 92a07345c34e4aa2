internal import Kernel
internal import Reactor
internal import Synchronization

/// A question to all workers, and an answer of each. The path is not held up: a worker answers within one turn, by copying
/// what it has up to a bound that the question gives.
final class Survey<Question: Sendable, Answer: Sendable>: Sendable {
  let question: Question
  private let answers = Mutex<[Answer]>([])
  private let missing: Atomic<Int>
  private let done: EventSignal

  init(_ question: Question, workers: Int) throws(SystemError) {
    self.question = question
    missing = Atomic(workers)
    done = try EventSignal()
  }

  /// Each worker calls it once.
  func answer(_ answer: Answer) {
    answers.withLock { $0.append(answer) }
    if missing.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0 { done.raise() }
  }

  /// Waits for all answers; nil where a worker did not answer in time.
  func wait(timeout_ms: Int32) -> [Answer]? {
    guard done.descriptor.waitReadable(timeout_ms: timeout_ms) else { return nil }
    return answers.withLock { $0 }
  }
}
