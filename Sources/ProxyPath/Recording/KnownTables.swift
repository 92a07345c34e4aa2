internal import MeshModel
internal import Policy
internal import Synchronization

/// The tables that verdicts, and the numbers in events, refer to, by version. The control thread adds, the recorder looks
/// up.
final class KnownTables: Sendable {
  /// Tables kept of each kind: verdicts in the rings are at most moments old.
  private static let kept = 8

  private let policies = Mutex<[(version: UInt32, table: PolicyTable)]>([])
  private let namings = Mutex<[(version: UInt32, names: any RequestNaming)]>([])

  /// From now on what refers to the snapshot in force is named by its tables.
  func know(_ snapshots: SnapshotStore) {
    know(snapshots.table, snapshots.rules, version: snapshots.version)
  }

  /// From now on what refers to `version` is named by these.
  func know(_ table: PolicyTable, _ rules: RequestRules, version: UInt32) {
    know(table, version: version)
    know(rules.names, version: version)
  }

  /// From now on verdicts of `version` are named by `table`.
  func know(_ table: PolicyTable, version: UInt32) {
    policies.withLock {
      // The same number again where only endpoints changed: it is the newer one that is in force.
      $0.removeAll { $0.version == version }
      $0.append((version, table))
      if $0.count > Self.kept { $0.removeFirst() }
    }
  }

  /// From now on the numbers in requests of `version` are named by `fresh`.
  func know(_ fresh: any RequestNaming, version: UInt32) {
    namings.withLock {
      $0.removeAll { $0.version == version }
      $0.append((version, fresh))
      if $0.count > Self.kept { $0.removeFirst() }
    }
  }

  /// The table that verdicts of `version` are of; nil where it is not kept any more.
  func policy(_ version: UInt32) -> PolicyTable? {
    policies.withLock { known in known.last { $0.version == version }?.table }
  }

  /// A verdict in words, by the table that made it.
  func describe(_ verdict: Verdict, version: UInt32) -> VerdictDescription? { policy(version)?.describe(verdict) }

  /// What names the numbers of `version`; nil where it is not kept any more.
  func names(_ version: UInt32) -> (any RequestNaming)? {
    namings.withLock { known in known.last { $0.version == version }?.names }
  }
}
