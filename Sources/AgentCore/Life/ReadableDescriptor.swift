internal import Dispatch
internal import Glibc
internal import Synchronization

/// Waits for a descriptor that NIO does not own, such as inotify's, to become readable.
enum ReadableDescriptor {
  /// Returns once `descriptor` is readable; throws when the task is cancelled. The caller keeps it open meanwhile.
  static func wait(_ descriptor: Int32) async throws {
    let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: .global())
    let waiter = Waiter()
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        waiter.hold(continuation)
        source.setEventHandler { waiter.release() }
        source.activate()
      }
    } onCancel: {
      waiter.release()
    }
    source.cancel()
    try Task.checkCancellation()
  }

  static func isReadable(_ descriptor: Int32) -> Bool {
    var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&watched, 1, 0) > 0
  }

  /// Resumes its continuation once, whoever comes first.
  private final class Waiter: Sendable {
    private enum State {
      case empty
      case waiting(CheckedContinuation<Void, Never>)
      case released
    }

    private let state = Mutex(State.empty)

    func hold(_ continuation: CheckedContinuation<Void, Never>) {
      let isReleased = state.withLock { state in
        if case .released = state { return true }
        state = .waiting(continuation)
        return false
      }
      if isReleased { continuation.resume() }
    }

    func release() {
      let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
        defer { state = .released }
        if case .waiting(let continuation) = state { return continuation }
        return nil
      }
      waiting?.resume()
    }
  }
}
