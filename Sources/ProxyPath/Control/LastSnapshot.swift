internal import Glibc
internal import Kernel
internal import MeshModel

/// The last good snapshot of the agent, kept in a file: what a proxy starts with while its agent does not answer, so that
/// a denial outlives both.
///
/// Used on the control thread alone. A crash leaves the old file or the new one. The directory is not synced: a host that
/// loses power loses its proxies' run directory too.
struct LastSnapshot {
  let path: String
  /// The revision the file holds, as far as is known.
  private var written: String?
  private var writtenAt_ms: UInt64?
  /// The number of its documents (`SnapshotStore.version`).
  private var writtenDocuments: UInt32?

  /// Between two writes where documents changed: each write is the whole snapshot.
  static let interval_ms: UInt64 = 1_000
  /// Between two writes where only endpoints did, as they do all the time. Which of them live, connections find out; what is
  /// denied, nobody would.
  static let endpointInterval_ms: UInt64 = 30_000

  init(path: String) { self.path = path }

  /// What was kept; nil where nothing was.
  func load() throws -> Snapshot? {
    let bytes: [UInt8]
    do throws(SystemError) {
      bytes = try FileContents.read(path, limit: SnapshotLimits.maxFileBytes)
    } catch {
      guard error.code != ENOENT else { return nil }
      throw error
    }
    return try Snapshot.decode(bytes)
  }

  /// Milliseconds until `keep` would write; nil where the file is up to date.
  func due_ms(_ snapshot: Snapshot?, documents: UInt32, now_ms: UInt64) -> UInt64? {
    guard let snapshot, snapshot.revision != written else { return nil }
    guard let writtenAt_ms else { return 0 }
    let due = writtenAt_ms + (documents == writtenDocuments ? Self.endpointInterval_ms : Self.interval_ms)
    return due > now_ms ? due - now_ms : 0
  }

  /// Writes `snapshot` where it is new and it is time, or `isUrgent`, and says whether it did. A failure is tried again with
  /// the next change, not before.
  @discardableResult
  mutating func keep(_ snapshot: Snapshot?, documents: UInt32, now_ms: UInt64, isUrgent: Bool = false) throws -> Bool {
    guard let snapshot, let due_ms = due_ms(snapshot, documents: documents, now_ms: now_ms), due_ms == 0 || isUrgent
    else { return false }
    written = snapshot.revision
    writtenDocuments = documents
    writtenAt_ms = now_ms
    try Self.replace(path, with: snapshot.encode())
    return true
  }

  /// The draft is made anew and by nobody else: whatever lies under its name is taken away first.
  private static func replace(_ path: String, with bytes: [UInt8]) throws(SystemError) {
    let draft = path + ".new"
    unlink(draft)
    let number = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard number >= 0 else { throw SystemError("open", draft) }
    let file = FileDescriptor(owning: number)
    do throws(SystemError) {
      var offset = 0
      while offset < bytes.count {
        let count = bytes[offset...].withUnsafeBytes { Glibc.write(file.raw, $0.baseAddress, $0.count) }
        if count > 0 {
          offset += count
        } else if errno != EINTR {
          throw SystemError("write", draft)
        }
      }
      guard rename(draft, path) == 0 else { throw SystemError("rename", draft) }
    } catch {
      unlink(draft)
      throw error
    }
  }
}
