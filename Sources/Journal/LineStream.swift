internal import Glibc

/// Whole lines to a descriptor that someone else owns, such as standard error, without waiting for a reader that sleeps.
///
/// The descriptor stays blocking, because its open file may be shared with the shell that started us; each write is
/// preceded by poll(2) and no longer than a pipe takes at once. The process must ignore SIGPIPE.
struct LineStream {
  /// POSIX's PIPE_BUF on Linux: after POLLOUT a pipe takes so much without blocking (pipe(7)).
  static let chunkBytes = 4096
  /// How long a line that has begun may wait for its reader before it is left torn.
  static let tornLine_ms: Int32 = 100

  let number: Int32
  /// The last line was left without its end; the next one must not be glued to it.
  private var isTorn = false

  init(number: Int32) { self.number = number }

  /// Writes `line`, which ends in a newline; false where its reader had no room or is gone.
  mutating func write(_ line: UnsafeRawBufferPointer) -> Bool {
    guard isWritable(timeout_ms: 0) else { return false }
    if isTorn {
      guard Glibc.write(number, "\n", 1) == 1, isWritable(timeout_ms: 0) else { return false }
      isTorn = false
    }
    var written = 0
    while written < line.count {
      let chunk = min(Self.chunkBytes, line.count - written)
      let count = Glibc.write(number, line.baseAddress.map { $0 + written }, chunk)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        isTorn = written > 0
        return false
      }
      written += count
      if written < line.count, !isWritable(timeout_ms: Self.tornLine_ms) {
        isTorn = true
        return false
      }
    }
    return true
  }

  private func isWritable(timeout_ms: Int32) -> Bool {
    var entry = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
    return poll(&entry, 1, timeout_ms) == 1 && entry.revents & Int16(POLLOUT) != 0
  }
}
