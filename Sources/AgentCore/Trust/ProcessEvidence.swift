internal import Foundation
internal import Glibc
internal import Kernel

/// What the kernel says of the process at the other end of a connection.
struct ProcessEvidence: Hashable, Sendable {
  let uid: UInt32
  let gid: UInt32
  /// Empty where the agent may not read it.
  let path: String
  /// Of the unified hierarchy, or of the first.
  let cgroup: String
  /// The inode of its network namespace, and the name that `ip netns` gave it; empty where it has none.
  let networkNamespace: UInt64
  let networkNamespaceName: String

  /// Asks the kernel; nil where the process is gone, or its number is another's by now.
  init?(_ caller: Caller) {
    guard caller.isAlive else { return nil }
    uid = caller.uid
    gid = caller.gid
    let process = "/proc/\(caller.pid)"
    // What was deleted or replaced since it was started is not the file that a selector names.
    path = Self.link("\(process)/exe") ?? ""
    cgroup = Self.cgroup("\(process)/cgroup")
    networkNamespace = Self.inode("\(process)/ns/net") ?? 0
    networkNamespaceName = Self.name(of: networkNamespace)
    // Whoever was asked about is still there, so what was read was its own.
    guard caller.isAlive else { return nil }
  }

  /// Whether a selector holds.
  func satisfies(_ selector: Selector) -> Bool {
    switch selector {
    case .user(let number): uid == number
    case .group(let number): gid == number
    case .path(let wanted): path == wanted
    case .cgroup(let group): cgroup == group || cgroup.hasPrefix(group.hasSuffix("/") ? group : group + "/")
    case .networkNamespace(let name):
      networkNamespace != 0 && (networkNamespaceName == name || UInt64(name) == networkNamespace)
    }
  }

  private static func link(_ path: String) -> String? {
    try? FileManager.default.destinationOfSymbolicLink(atPath: path)
  }

  private static func cgroup(_ path: String) -> String {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return "" }
    let lines = text.split(separator: "\n").map {
      $0.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    }
    let line = lines.first { $0.count == 3 && $0[0] == "0" } ?? lines.first { $0.count == 3 }
    return line.map { String($0[2]) } ?? ""
  }

  private static func inode(_ path: String) -> UInt64? {
    var status = stat()
    return stat(path, &status) == 0 ? UInt64(status.st_ino) : nil
  }

  /// Named namespaces of one host that are looked through.
  private static let namesLimit = 4_096

  private static func name(of inode: UInt64) -> String {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: NetworkNamespace.namedDirectory)) ?? []
    return names.prefix(namesLimit).first { Self.inode("\(NetworkNamespace.namedDirectory)/\($0)") == inode } ?? ""
  }
}
