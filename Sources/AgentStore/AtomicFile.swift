internal import Glibc
internal import Kernel

/// A small file of the agent's directory, the agent's own alone (0600), that is replaced whole or not at all.
struct AtomicFile {
  let directory: String
  let name: String
  /// Bytes that it holds at most.
  let limit: Int
  /// What it is to a person: `a key`.
  let what: String

  var path: String { "\(directory)/\(name)" }

  /// Writes it, in place of what was there. It is on disk when this returns; until then, and after any failure or crash,
  /// the old one is there whole.
  func write(_ bytes: [UInt8]) throws(AgentStoreError) {
    let doing = "writing \(what)"
    guard bytes.count <= limit else {
      throw .refused(path: path, reason: "\(what) of more than \(limit) bytes is not kept")
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

  /// What it holds; nil where there is none.
  ///
  /// - Throws: `notPrivate` for a file that others may have read or put there.
  func read() throws(AgentStoreError) -> [UInt8]? {
    let doing = "reading \(what)"
    // A FIFO in its place must not hold up the agent.
    let number = Glibc.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    if number < 0, errno == ENOENT { return nil }
    guard number >= 0 else { throw AgentStoreError(SystemError("open", path), doing: doing) }
    let descriptor = FileDescriptor(owning: number)
    try Privacy.check(descriptor, path, type: S_IFREG, mode: "600")
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4_096)
    while bytes.count <= limit {
      let count = Glibc.read(descriptor.raw, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw AgentStoreError(SystemError("read", path), doing: doing) }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
    }
    throw .refused(path: path, reason: "is larger than \(what) may be (\(limit) bytes)")
  }

  /// Removes it; nothing there is no error.
  func remove() throws(AgentStoreError) {
    guard unlink(path) == 0 || errno == ENOENT else {
      throw AgentStoreError(SystemError("unlink", path), doing: "removing \(what)")
    }
    try StoreDirectory(path: directory).sync(doing: "removing \(what)")
  }
}
