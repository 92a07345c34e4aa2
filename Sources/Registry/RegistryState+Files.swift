internal import MeshModel

/// What the files of the services' directory say, and no more.
extension RegistryState {
  /// The files of the services' directory are these now: what others had is taken away.
  public mutating func retain(files: Set<String>) -> [RegistryDirective] {
    let gone = instances.filter { _, instance in
      if case .file(let path) = instance.owner { !files.contains(path) } else { false }
    }
    return gone.keys.sorted().flatMap { remove($0) }
  }

  /// A file has these services now: what else it had is taken away.
  public mutating func retain(_ keys: Set<Registration.Key>, of path: String) -> [RegistryDirective] {
    let gone = instances.filter { key, instance in instance.owner == .file(path) && !keys.contains(key) }
    return gone.keys.sorted().flatMap { remove($0) }
  }
}
