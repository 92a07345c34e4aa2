internal import ArgumentParser
// `stdout` is a C variable, which nobody sets: a command has one thread.
@preconcurrency internal import Glibc
internal import Interception

/// How a run ends: one line on standard error and an exit code that scripts can rely on.
enum Outcome {
  static let failed: Int32 = 1
  static let usage: Int32 = 2

  /// Done, and all that was printed is out: half a plan of rules must not pass for the whole.
  static func endWell() -> Never {
    guard fflush(stdout) == 0, ferror(stdout) == 0 else {
      warn("cannot write all to standard output: \(String(cString: strerror(errno)))")
      _exit(failed)
    }
    exit(0)
  }

  static func end(_ error: any Error) -> Never {
    switch error {
    case let error as UsageError: complain(error.description, usage)
    case let error as CaptureError: complain(error.description, error.exitCode)
    case let code as ExitCode: exit(code.rawValue)
    default: endParsing(error)
    }
  }

  /// Errors of the argument parser are bad options; help and version are none.
  private static func endParsing(_ error: any Error) -> Never {
    if WeftCapture.exitCode(for: error).isSuccess {
      print(WeftCapture.fullMessage(for: error))
      endWell()
    }
    let line = WeftCapture.message(for: error).split(separator: "\n").first.map(String.init) ?? "\(error)"
    complain("\(line) (see weft-capture --help)", usage)
  }

  private static func complain(_ line: String, _ code: Int32) -> Never {
    warn(line)
    exit(code)
  }

  /// One line on standard error under the program's name.
  static func warn(_ line: String) {
    let bytes = Array("weft-capture: \(line)\n".utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
  }
}
