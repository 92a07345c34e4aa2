internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor

/// The policies in force: where they come from, which revision, and what happened at the last reload.
final class SnapshotStore {
  let path: String?
  let workload: Workload
  private(set) var table: PolicyTable
  /// Counts the tables; the workers keep it with each verdict.
  private(set) var version: UInt32 = 1
  private(set) var loadedAt_us: UInt64?
  private(set) var lastError: String?
  private var recent: [(version: UInt32, table: PolicyTable)] = []

  /// Older tables kept, so that records still on their way can name the policy that judged them.
  private static let recentLimit = 8

  enum Change {
    case none
    case adopted(PolicyTable, version: UInt32)
    /// Refused whole; the old one stays. Told once per distinct reason.
    case refused(String)
  }

  init(path: String?, workload: Workload) {
    self.path = path
    self.workload = workload
    table = PolicyTable(nil, for: workload)
    recent = [(1, table)]
  }

  /// Reads the file again. Anything wrong with it leaves everything as it was.
  func reload() -> Change {
    guard let path else { return .none }
    do {
      let bytes = try FileContents.read(path, limit: SnapshotLimits.maxFileBytes)
      let snapshot = try Snapshot.decode(bytes)
      lastError = nil
      guard snapshot.revision != table.snapshot?.revision else { return .none }
      adopt(snapshot)
      return .adopted(table, version: version)
    } catch {
      let reason = "\(path): \(error)"
      guard reason != lastError else { return .none }
      lastError = reason
      return .refused(reason)
    }
  }

  /// The table a verdict of `version` was made by, as long as it is remembered.
  func table(version: UInt32) -> PolicyTable? { recent.last { $0.version == version }?.table }

  private func adopt(_ snapshot: Snapshot) {
    table = PolicyTable(snapshot, for: workload)
    version += 1
    loadedAt_us = Clock.realtime_us()
    recent.append((version, table))
    if recent.count > Self.recentLimit { recent.removeFirst() }
  }
}
