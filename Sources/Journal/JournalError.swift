/// What keeps a journal sink from being made.
public enum JournalError: Error, Equatable, CustomStringConvertible {
  /// A Unix socket's path has 107 bytes at most (unix(7)).
  case socketPath(String)

  /// What is wrong, and what would be right.
  public var description: String {
    switch self {
    case .socketPath(let path):
      "journal socket path '\(path)' is empty, holds a NUL or exceeds 107 bytes; journald's own is \(JournalSink.defaultPath)"
    }
  }
}
