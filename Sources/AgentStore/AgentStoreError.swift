/// Why the agent's store could not be opened, read or written: on what, and what to check.
///
/// A write that fails has changed nothing.
public enum AgentStoreError: Error, Hashable, Sendable {
  /// Another agent has the directory; its pid where it said so.
  case locked(directory: String, pid: Int32?)
  /// A directory or file is not its agent's alone: what is wrong with it, and the command that makes it right.
  case notPrivate(path: String, found: String, command: String)
  /// The file system or its permissions do not let the agent write.
  case notWritable(path: String, reason: String)
  /// No space is left, or the quota is used up.
  case diskFull(path: String, doing: String)
  /// What is on disk is not what was written. Nothing was changed or removed.
  case corrupt(path: String, said: String)
  /// The file that says which mesh this host is in is not what was written.
  case damagedSettings(path: String, said: String)
  /// A later version of the agent has written it, with these changes of the schema.
  case newerVersion(path: String, changes: [String])
  /// Another program held the database for longer than is waited.
  case busy(path: String, doing: String)
  /// Beyond a bound of `AgentStoreLimits`, or a name that is none.
  case refused(path: String, reason: String)
  /// Anything else, in the words of the system.
  case failed(path: String, doing: String, said: String)
}

extension AgentStoreError: CustomStringConvertible {
  /// One line: what, where, and what to check.
  public var description: String {
    switch self {
    case .locked(let directory, let pid):
      "\(directory) is in use by \(pid.map { "the agent with pid \($0)" } ?? "another agent"); "
        + "stop that one, or give this one another data directory"
    case .notPrivate(let path, let found, let command):
      "\(path) \(found), but what an agent keeps must be its own alone: \(command)"
    case .notWritable(let path, let reason):
      "cannot write \(path): \(reason); check who owns it, its mode, and whether its file system is mounted read-only"
    case .diskFull(let path, let doing):
      "no space left for \(path) while \(doing); nothing of that was written and all from before is there: "
        + "free some (df, quota) and try again"
    case .corrupt(let path, let said):
      "\(path) is damaged: \(said); nothing was changed. Look for errors of the disk (dmesg), then restore the "
        + "directory from a backup, or move the file aside and start with an empty database (weft-agent recover --data-dir "
        + "DIRECTORY): the host stays in its mesh, other agents give their records back, services come from their files or "
        + "register again"
    case .damagedSettings(let path, let said):
      "\(path) is damaged: \(said); nothing was changed. It says which mesh this host is in. Look for errors of the disk "
        + "(dmesg), then restore it from a backup; without one, empty the directory and have the host join again"
    case .newerVersion(let path, let changes):
      "\(path) was written by a later version of the agent (\(changes.joined(separator: ", "))); "
        + "run that version, or restore the directory from before the upgrade"
    case .busy(let path, let doing):
      "another program has held \(path) for \(Int(AgentStoreLimits.busyTimeout_s)) s while \(doing); "
        + "look for one that has it open (fuser)"
    case .refused(let path, let reason): "\(path): \(reason)"
    case .failed(let path, let doing, let said): "\(path): \(doing): \(said)"
    }
  }
}
