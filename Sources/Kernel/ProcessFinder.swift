internal import CLinux
internal import Glibc

/// A process that holds a socket.
public struct FoundProcess: Hashable, Sendable {
  /// Its number, in the PID namespace of whoever looked.
  public let pid: Int32
  /// What the kernel calls it: 15 bytes at most (proc(5), /proc/PID/comm).
  public let comm: String
  /// Its control group's path, such as `/system.slice/nginx.service`; empty where there is none.
  public let cgroup: String
}

/// Finds the process that holds a socket by reading /proc, within bounds.
///
/// Processes that answered lately come first, then the few newest, which may end any moment, then those of the socket's
/// user, newest first, then all others: who just dialled is most often one of the first. Used from one thread.
public struct ProcessFinder: ~Copyable {
  /// What a search came to.
  public enum Outcome: Equatable, Sendable {
    case found(FoundProcess)
    /// Nobody holds it (any more), or nobody this process may look into, or nobody within the bounds.
    case notFound
    /// Too many searches in this second; only the newest processes and those that answered lately were looked at.
    case limited
  }

  /// Processes of earlier answers that are looked at first: the busy programs of a pod.
  static let remembered = 16
  /// Process numbers that are tried from the last one given downwards, without listing /proc: a `curl` may live for
  /// some milliseconds only, and a list takes one.
  static let newest: Int32 = 16
  /// Processes of one search, the newest of them.
  static let maximumProcesses = 4096
  /// Descriptors of one search: at under a microsecond each it ends within some 50 ms.
  static let maximumDescriptors = 65_536
  /// Descriptors looked at in processes that are guessed first; among them may be many threads of one busy server.
  static let guessedDescriptors = 16_384
  /// Searches through all processes a second: 20 × 50 ms is one processor at worst, a twentieth of that usually.
  static let searchesPerSecond: UInt32 = 20

  private let root: String
  private var recent: [Int32] = []
  private var searches = TokenBucket(burst: searchesPerSecond, perSecond: searchesPerSecond)
  private var descriptorsLeft = 0

  /// A finder that reads the proc file system at `root`.
  public init(root: String = "/proc") { self.root = root }

  /// The process that holds the socket with this inode, made by the user `uid`. `now_ns` is the monotonic clock.
  public mutating func find(inode: UInt64, uid: UInt32, now_ns: UInt64) -> Outcome {
    let target = SocketLink(inode: inode)
    descriptorsLeft = Self.guessedDescriptors
    for pid in recent {
      if let found = look(into: pid, for: target) { return remember(found) }
    }
    if let last = ProcText.lastProcess(ProcText.read("\(root)/loadavg", limit: ProcText.loadBytes)) {
      for pid in stride(from: last, to: max(0, last - Self.newest), by: -1) where !recent.contains(pid) {
        if let found = look(into: pid, for: target) { return remember(found) }
      }
    }
    guard searches.take(now_ns: now_ns) else { return .limited }
    descriptorsLeft = Self.maximumDescriptors
    for pid in candidates(uid: uid) where !recent.contains(pid) {
      guard descriptorsLeft > 0 else { return .notFound }
      if let found = look(into: pid, for: target) { return remember(found) }
    }
    return .notFound
  }

  private mutating func remember(_ found: FoundProcess) -> Outcome {
    recent.removeAll { $0 == found.pid }
    recent.insert(found.pid, at: 0)
    if recent.count > Self.remembered { recent.removeLast() }
    return .found(found)
  }

  /// All processes: those of `uid` first, and the newest (highest) numbers first in each part.
  private func candidates(uid: UInt32) -> [Int32] {
    guard let directory = opendir(root) else { return [] }
    defer { closedir(directory) }
    var own: [Int32] = []
    var others: [Int32] = []
    while let entry = readdir(directory) {
      guard let pid = DirectoryEntry.withName(entry, { Int32(decimal: $0) }) else { continue }
      var status = stat()
      guard DirectoryEntry.withName(entry, { fstatat(dirfd(directory), $0, &status, 0) }) == 0 else { continue }
      if status.st_uid == uid { own.append(pid) } else { others.append(pid) }
    }
    own.sort(by: >)
    others.sort(by: >)
    return Array((own + others).prefix(Self.maximumProcesses))
  }

  private mutating func look(into pid: Int32, for target: SocketLink) -> FoundProcess? {
    let path = "\(root)/\(pid)"
    guard let directory = opendir("\(path)/fd") else { return nil }
    defer { closedir(directory) }
    while descriptorsLeft > 0, let entry = readdir(directory) {
      descriptorsLeft -= 1
      guard DirectoryEntry.withName(entry, { target.isTarget(of: $0, in: dirfd(directory)) }) else { continue }
      // The number may be that of a thread, which /proc does not list but opens.
      let status = ProcText.read("\(path)/status", limit: ProcText.statusBytes)
      let process = ProcText.process(of: status) ?? pid
      let comm = ProcText.read("\(root)/\(process)/comm", limit: ProcText.commBytes)
      let cgroup = ProcText.read("\(path)/cgroup", limit: ProcText.cgroupBytes)
      // The number may have passed to another process between the reads.
      guard DirectoryEntry.withName(entry, { target.isTarget(of: $0, in: dirfd(directory)) }) else { return nil }
      return FoundProcess(
        pid: process,
        comm: String(decoding: comm.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self),
        cgroup: String(decoding: ProcText.cgroupPath(cgroup), as: UTF8.self)
      )
    }
    return nil
  }
}

/// The text a descriptor's link has when it is the socket: `socket:[4711]`.
struct SocketLink {
  /// `socket:[`, twenty digits, `]`.
  private static let maximumBytes = 32
  private let text: [UInt8]

  init(inode: UInt64) { text = Array("socket:[\(inode)]".utf8) }

  func isTarget(of name: UnsafePointer<CChar>, in directory: Int32) -> Bool {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Self.maximumBytes) { buffer in
      guard let base = buffer.baseAddress else { return false }
      let count = readlinkat(directory, name, base, Self.maximumBytes)
      return count == text.count && memcmp(base, text, count) == 0
    }
  }
}

/// Names in a directory being read.
private enum DirectoryEntry {
  /// Lends the entry's name.
  static func withName<Result>(
    _ entry: UnsafeMutablePointer<dirent>,
    _ body: (UnsafePointer<CChar>) -> Result
  ) -> Result {
    // d_name is the tail of a struct as long as the kernel made it, so its declared size says nothing.
    let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 19
    return body((UnsafeRawPointer(entry) + offset).assumingMemoryBound(to: CChar.self))
  }
}

extension Int32 {
  /// A name that is a process's number; nil for any other.
  fileprivate init?(decimal name: UnsafePointer<CChar>) {
    var value: Int32 = 0
    var index = 0
    while name[index] != 0 {
      let digit = Int32(name[index]) - 48
      // PID_MAX_LIMIT is 2^22.
      guard digit >= 0, digit <= 9, value < 1 << 26 else { return nil }
      value = value * 10 + digit
      index += 1
    }
    guard value > 0 else { return nil }
    self = value
  }
}
