import Glibc

/// Why a command ended without doing what it was asked: lines for standard error and an exit code.
struct CommandFailure: Error, Equatable {
  /// Exit codes that scripts can rely on.
  static let failed: Int32 = 1
  static let usage: Int32 = 2
  static let missing: Int32 = 3

  let exitCode: Int32
  let lines: [String]

  init(_ exitCode: Int32, _ lines: String...) {
    self.exitCode = exitCode
    self.lines = lines
  }

  /// Several failures as one, with the highest of their exit codes; nil for none.
  init?(_ failures: [CommandFailure]) {
    guard let exitCode = failures.map(\.exitCode).max() else { return nil }
    self.exitCode = exitCode
    self.lines = failures.flatMap(\.lines)
  }
}

/// Standard error, a line at a time.
enum StandardError {
  static func write(_ line: String) {
    // What was printed before comes before, where both go to one file.
    fflush(nil)
    let bytes = Array("\(Printable.text(line))\n".utf8)
    _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
  }
}

func exitProcess(_ code: Int32) -> Never {
  // What was printed must be out before the process is gone, even into a pipe.
  do {
    try StandardOutput.flush()
  } catch {
    // The buffer is lost already, or not writable: `exit` must not try it again.
    StandardError.write("weft: \(error.lines.joined(separator: "; "))")
    _exit(max(code, error.exitCode))
  }
  exit(code)
}
