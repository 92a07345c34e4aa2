public import Kernel

/// Why capture could not be done as asked, beyond bad options.
public enum CaptureError: Error, Equatable, CustomStringConvertible {
  /// A capability, a program or a kernel feature is absent; nothing was changed. Exit code 3.
  case missing(String, advice: String)
  /// Another program holds a lock that we need; nothing was changed, or all was restored. Exit code 1.
  case lockHeld(String, seconds: Int)
  /// The kernel or a tool refused; what had been changed is as before. Exit code 1.
  case failed(String)
  /// As `failed`, but putting things back failed too; `state` says what is in the kernel now. Exit code 1.
  case notRestored(String, state: String)
  /// A system call failed before anything was changed. Exit code 1.
  case system(SystemError)

  /// One line: what is wrong, with what, and what to do.
  public var description: String {
    switch self {
    case .missing(let what, let advice): "missing \(what): \(advice)"
    case .lockHeld(let what, let seconds):
      "\(what) is held by another program and was not free within \(seconds) s; nothing was changed, "
        + "try again or wait longer with --wait"
    case .failed(let reason): reason
    case .notRestored(let reason, let state): "\(reason); and the old rules could not be restored: \(state)"
    case .system(let error): error.description
    }
  }

  /// The exit code that scripts can rely on: 3 for something missing, else 1.
  public var exitCode: Int32 {
    if case .missing = self { 3 } else { 1 }
  }
}
