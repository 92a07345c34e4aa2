internal import Glibc
internal import Kernel

/// Private keys in files of the agent's directory, each its own: a copy of the database gives none away.
public struct KeyFiles: Sendable {
  /// Where they are.
  public let directory: String

  /// The key files of that directory.
  public init(directory: String) { self.directory = directory }

  /// Writes a key file, in place of one of the same name. It is on disk when this returns; until then, and after any
  /// failure or crash, the old one is there whole.
  public func write(_ name: String, _ bytes: [UInt8]) throws(AgentStoreError) {
    let path = try path(name)
    let doing = "writing a key"
    guard bytes.count <= AgentStoreLimits.keyFileBytes else {
      throw .refused(path: path, reason: "a key of more than \(AgentStoreLimits.keyFileBytes) bytes is not kept")
    }
    let draft = "\(directory)/.\(name).new"
    // A crash may have left one, of which nobody knows whether it is whole.
    _ = unlink(draft)
    do throws(SystemError) {
      try Self.fill(draft, bytes)
      guard rename(draft, path) == 0 else { throw SystemError("rename", draft) }
    } catch {
      _ = unlink(draft)
      throw AgentStoreError(error, doing: doing)
    }
    try StoreDirectory(path: directory).sync(doing: doing)
  }

  private static func fill(_ path: String, _ bytes: [UInt8]) throws(SystemError) {
    let number = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard number >= 0 else { throw SystemError("open", path) }
    let descriptor = FileDescriptor(owning: number)
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor.raw, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw SystemError("write", path) }
      rest = rest.dropFirst(count)
    }
    guard fsync(descriptor.raw) == 0 else { throw SystemError("fsync", path) }
  }

  /// Reads a key file; nil where there is none.
  ///
  /// - Throws: `notPrivate` for a file that others may have read or put there.
  public func read(_ name: String) throws(AgentStoreError) -> [UInt8]? {
    let path = try path(name)
    let doing = "reading a key"
    // A FIFO in its place must not hold up the agent.
    let number = Glibc.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    if number < 0, errno == ENOENT { return nil }
    guard number >= 0 else { throw AgentStoreError(SystemError("open", path), doing: doing) }
    let descriptor = FileDescriptor(owning: number)
    try Privacy.check(descriptor, path, type: S_IFREG, mode: "600")
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4_096)
    while bytes.count <= AgentStoreLimits.keyFileBytes {
      let count = Glibc.read(descriptor.raw, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw AgentStoreError(SystemError("read", path), doing: doing) }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
    }
    throw .refused(path: path, reason: "is larger than a key file may be (\(AgentStoreLimits.keyFileBytes) bytes)")
  }

  /// Removes a key file; nothing there is no error.
  public func remove(_ name: String) throws(AgentStoreError) {
    let path = try path(name)
    guard unlink(path) == 0 || errno == ENOENT else {
      throw AgentStoreError(SystemError("unlink", path), doing: "removing a key")
    }
    try StoreDirectory(path: directory).sync(doing: "removing a key")
  }

  /// Letters, digits, `-`, `_` and dots within; nothing of the store's own.
  private func path(_ name: String) throws(AgentStoreError) -> String {
    let isName = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
      default: false
      }
    }
    let isOurs = name.hasPrefix("weft.db") || name == "agent.lock"
    guard isName, !isOurs, !name.isEmpty, !name.hasPrefix("."), name.utf8.count <= AgentStoreLimits.keyNameBytes else {
      throw .refused(path: directory, reason: "\"\(name)\" is no name of a key file")
    }
    return "\(directory)/\(name)"
  }
}
