internal import GRDB
internal import Glibc
internal import Kernel

extension AgentStoreError {
  /// What a failed system call means for the agent.
  init(_ error: SystemError, doing: String) {
    switch error.code {
    case ENOSPC, EDQUOT: self = .diskFull(path: error.subject, doing: doing)
    case EACCES, EPERM, EROFS, ENOENT, ENOTDIR:
      self = .notWritable(path: error.subject, reason: String(cString: strerror(error.code)))
    case ELOOP:
      self = .notPrivate(
        path: error.subject,
        found: "is a symbolic link",
        command: "put a file of the agent's own in its place"
      )
    default: self = .failed(path: error.subject, doing: doing, said: "\(error)")
    }
  }

  /// What an error of SQLite, or of reading its rows, means for the agent.
  init(_ error: any Error, path: String, doing: String) {
    if let error = error as? AgentStoreError {
      self = error
      return
    }
    if let fault = error as? RowFault {
      switch fault {
      case .damaged(let said): self = .corrupt(path: path, said: said)
      case .refused(let reason): self = .refused(path: path, reason: reason)
      }
      return
    }
    guard let error = error as? DatabaseError else {
      self = .failed(path: path, doing: doing, said: "\(error)")
      return
    }
    let said = error.message ?? "\(error.extendedResultCode)"
    switch error.resultCode {
    case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .corrupt(path: path, said: said)
    case .SQLITE_FULL: self = .diskFull(path: path, doing: doing)
    // SQLite does not say why it could not make or extend the files beside the database.
    case .SQLITE_IOERR where Self.isFull(path), .SQLITE_CANTOPEN where Self.isFull(path):
      self = .diskFull(path: path, doing: doing)
    case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_CANTOPEN: self = .notWritable(path: path, reason: said)
    case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy(path: path, doing: doing)
    default: self = .failed(path: path, doing: doing, said: "\(error.extendedResultCode): \(said)")
    }
  }

  /// Whether the file system of `path` has less left than the smallest file beside a database needs (32 KiB for its
  /// index of the log).
  private static func isFull(_ path: String) -> Bool {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return false }
    return UInt64(status.f_bavail) * UInt64(status.f_frsize) < 32 << 10
  }
}
