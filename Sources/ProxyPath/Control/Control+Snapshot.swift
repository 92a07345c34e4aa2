internal import Journal
internal import Kernel
internal import Policy
internal import Reactor

/// The snapshot file, and its changes.
extension Control {
  /// Watches the file from now on; where it cannot be, that is a warning.
  func watchSnapshot(_ path: String) {
    let problem = "changes of \(path) are not noticed"
    warnings.removeAll { $0.hasPrefix(problem) }
    do {
      let fresh = try FileWatch(directoryOf: path)
      loop.add(fresh.descriptor, .readable, token: Token(.watch, index: 0).rawValue)
      watch = consume fresh
      isWatchOver = false
    } catch {
      isWatchOver = true
      warnings.append("\(problem) (\(error)); send SIGHUP after a change")
    }
  }

  /// Reads the file again, and puts into force what is new.
  func reloadSnapshot() {
    // Watched before it is read, as at the start.
    if isWatchOver, let path = settings.snapshotPath { watchSnapshot(path) }
    // Whatever came of it, reading the file ran code that nothing else runs.
    defer { CodePages.releaseUnused() }
    switch snapshots.reload() {
    case .none: break
    case .adopted(let table, let version, let rules):
      recorder.known.know(table, rules, version: version)
      fleet.tellMaterial(of: rules)
      fleet.tell(.policy(table, version: version, rules))
      announce(.snapshotLoaded, snapshots.summary)
    case .refused(let reason):
      announce(.snapshotRefused, "snapshot refused, the one in force stays: \(reason)")
    }
  }
}
