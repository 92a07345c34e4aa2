// `stdout` is a C variable, which nobody sets: a command has one thread that prints.
@preconcurrency import Glibc

/// Standard output, whose failures count: half of a backup or a snapshot must not pass for the whole of it.
enum StandardOutput {
  /// Fills the standard descriptors that whoever started us left closed: else the next socket would be one of them, and what
  /// is printed would go to the agent. Output fails there, as it would have.
  static func prepare() {
    // The kernel gives the lowest free number, so in this order each gets its own.
    for (descriptor, mode) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_WRONLY)]
    where fcntl(descriptor, F_GETFD) < 0 {
      _ = open("/dev/null", mode)
    }
  }

  /// Hands on what was printed; throws where not all of it since the start could be.
  static func flush() throws(CommandFailure) {
    if fflush(stdout) != 0 {
      throw CommandFailure(
        CommandFailure.failed,
        "cannot write to standard output: \(String(cString: strerror(errno)))"
      )
    }
    // An earlier write failed, of which the buffer alone knew.
    if ferror(stdout) != 0 {
      throw CommandFailure(CommandFailure.failed, "cannot write all to standard output; is its disk full?")
    }
  }
}
