/// Why something about membership failed.
public enum MembershipError: Error, Hashable, Sendable {
  /// A setting that cannot be right, and what would be.
  case invalidSetting(String)
  /// There is no Serf to ask; why.
  case notRunning(String)
  /// Serf did not do it; its words.
  case refused(command: String, reason: String)
  /// Serf did not answer in time.
  case timedOut(command: String, limit_ms: UInt64)
  /// The connection to Serf broke.
  case disconnected(String)
  /// The configuration for Serf could not be written.
  case file(path: String, reason: String)
}

extension MembershipError: CustomStringConvertible {
  /// One line: who failed, and what to check.
  public var description: String {
    switch self {
    case .invalidSetting(let reason): "membership cannot be set up: \(reason)"
    case .notRunning(let reason): "Serf is not running: \(reason)"
    case .refused(let command, let reason): "Serf refused \(command): \(reason)"
    case .timedOut(let command, let limit): "Serf did not answer to \(command) within \(limit) ms"
    case .disconnected(let reason): "the connection to Serf broke: \(reason)"
    case .file(let path, let reason): "Serf's configuration \(path) could not be written: \(reason)"
    }
  }
}
