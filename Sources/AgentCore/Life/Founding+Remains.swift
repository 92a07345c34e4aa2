internal import AgentStore
internal import Authority

extension Founding {
  /// Throws where the directory holds what a mesh leaves but not which mesh it was: founding another would put a new key in the
  /// place of the root's, which no one could bring back.
  ///
  /// A first start that was broken off is none of that: it writes the settings before the root's key, and no record before both.
  static func refuseRemains(_ store: AgentStore, _ settings: AgentSettings) throws {
    guard try store.setting(Key.meshName) == nil else { return }
    let remains: String
    if try store.keys.read(TrustMemory.Key.authorityKeys) != nil {
      remains = "a root's key (\(TrustMemory.Key.authorityKeys))"
    } else if try !store.owners().isEmpty {
      remains = "records of a mesh"
    } else {
      return
    }
    throw Agent.StartFailure(
      description:
        "\(settings.dataDirectory) holds \(remains) but not mesh.settings, which says what mesh this host is in; "
        + "nothing was changed. Restore it from a backup of the same time; to begin anew or to join, empty the directory",
      exitCode: 1
    )
  }

  /// What to check where the directory's own files cannot be used; empty for what says so itself.
  static func advice(for error: any Error) -> String {
    switch error as? AuthorityError {
    case .malformed, .missingKey:
      "; nothing was changed. Look for errors of the disk (dmesg), then restore the key files and mesh.settings from a backup of "
        + "the same time (docs/operations.md, The root's key)"
    default: ""
    }
  }
}
