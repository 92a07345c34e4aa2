internal import Foundation
internal import Glibc

/// Ends the test process when nobody reads its output any more: `swift test` is gone.
///
/// `swift test` runs the tests in a process group of their own and reads their standard output by a pipe. Ended by TERM
/// or KILL it tells them nothing, and they would go on by themselves, unseen, while the next run waits for what they
/// hold. The janitor cleans up after them as after any end.
enum RunnerWatch {
  /// Begins to watch, on a thread of its own.
  static func start() {
    Thread.detachNewThread {
      // No event is asked for: POLLERR (a pipe without readers) and POLLHUP (a terminal that is gone) come unasked. A
      // file or /dev/null never says either.
      var output = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
      while poll(&output, 1, -1) < 0 && errno == EINTR {}
      guard output.revents & Int16(POLLERR | POLLHUP) != 0 else { return }
      // Not exit(3): handlers that run at an exit could wait for threads that wait for other processes.
      kill(getpid(), SIGKILL)
    }
  }
}
