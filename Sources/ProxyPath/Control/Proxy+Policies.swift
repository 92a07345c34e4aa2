internal import Kernel
internal import MeshModel

/// Which policies a proxy starts with: those of its file, else the last ones that its agent sent.
extension Proxy {
  /// The policies, compiled for the pod that the settings describe.
  static func loadPolicies(
    _ settings: ProxySettings,
    replacing: Bool,
    _ warnings: inout [String]
  ) throws(StartFailure) -> SnapshotStore {
    let workload: Workload
    do {
      workload = try Workload(namespace: settings.namespace, labelText: try labels(settings.labelText))
    } catch {
      throw StartFailure(description: "\(error)", exitCode: StartFailure.misconfigured)
    }
    let snapshots = SnapshotStore(path: settings.snapshotPath, workload: workload)
    if case .refused(let reason) = snapshots.reload() {
      throw StartFailure(description: reason, exitCode: StartFailure.misconfigured)
    }
    if settings.agentPath != nil {
      do {
        // Before anything is accepted: a denial must not lapse while the agent is waited for.
        if let kept = try LastSnapshot(path: settings.lastSnapshotPath).load() {
          let sources = replacing ? SourcesHandover.request(from: settings.adminPath) : [:]
          _ = snapshots.adopt(kept, peers: sources)
        }
      } catch {
        warnings.append("the agent's last policies cannot be used, everything passes until it sends some: \(error)")
      }
    }
    return snapshots
  }

  /// The text itself, or what the file behind `@` holds.
  private static func labels(_ text: String) throws -> String {
    guard text.hasPrefix("@") else { return text }
    do {
      let bytes = try FileContents.read(String(text.dropFirst()), limit: Workload.maxLabelBytes)
      return String(decoding: bytes, as: UTF8.self)
    } catch {
      throw StartFailure(description: "--labels \(text): \(error)", exitCode: StartFailure.misconfigured)
    }
  }
}
