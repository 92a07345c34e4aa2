/// Private keys in files of the agent's directory, each its own: a copy of the database gives none away.
public struct KeyFiles: Sendable {
  /// Where they are.
  public let directory: String

  /// The key files of that directory.
  public init(directory: String) { self.directory = directory }

  /// Writes a key file, in place of one of the same name. It is on disk when this returns; until then, and after any
  /// failure or crash, the old one is there whole.
  public func write(_ name: String, _ bytes: [UInt8]) throws(AgentStoreError) { try file(name).write(bytes) }

  /// Reads a key file; nil where there is none.
  ///
  /// - Throws: `notPrivate` for a file that others may have read or put there.
  public func read(_ name: String) throws(AgentStoreError) -> [UInt8]? { try file(name).read() }

  /// Removes a key file; nothing there is no error.
  public func remove(_ name: String) throws(AgentStoreError) { try file(name).remove() }

  /// Letters, digits, `-`, `_` and dots within; nothing of the store's own.
  private func file(_ name: String) throws(AgentStoreError) -> AtomicFile {
    let isName = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
      default: false
      }
    }
    let isOurs = name.hasPrefix("weft.db") || name == "agent.lock" || name == SettingsFile.name
    guard isName, !isOurs, !name.isEmpty, !name.hasPrefix("."), name.utf8.count <= AgentStoreLimits.keyNameBytes else {
      throw .refused(path: directory, reason: "\"\(name)\" is no name of a key file")
    }
    return AtomicFile(directory: directory, name: name, limit: AgentStoreLimits.keyFileBytes, what: "a key")
  }
}
