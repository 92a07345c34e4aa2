// What the mesh is to this agent: its name and trust domain, the public state of the authority, and the like. Never
// private keys: those are in `keys`.

extension AgentStore {
  /// What is set under a key; nil if nothing is.
  public func setting(_ key: String) throws(AgentStoreError) -> [UInt8]? { try settings()[key] }

  /// All settings.
  public func settings() throws(AgentStoreError) -> [String: [UInt8]] {
    try requireOpen("reading settings")
    return settingsFile.all
  }

  /// Puts settings, or removes those whose value is nil, all of them or none: they are on disk when this returns.
  public func set(_ settings: [String: [UInt8]?]) throws(AgentStoreError) {
    guard !settings.isEmpty else { return }
    try requireOpen("writing settings")
    try settingsFile.set(settings)
  }

  /// Puts one setting, or removes it where the value is nil.
  public func set(_ key: String, _ value: [UInt8]?) throws(AgentStoreError) { try set([key: value]) }
}
