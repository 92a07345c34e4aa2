internal import Foundation
internal import Kernel

/// What the kernel says of the process at the other end of a connection.
struct ProcessEvidence: Hashable, Sendable {
  let uid: UInt32
  let gid: UInt32
  /// The file that it runs; nil where the agent may not look.
  let program: FileIdentity?
  /// What that file is called in the process's own view, which a process with its own mount namespace chooses: for
  /// people only. Empty where the agent may not look.
  let programName: String
  /// Of the unified hierarchy, or of the first.
  let cgroup: String
  /// Nil where the agent may not look.
  let networkNamespace: FileIdentity?
  /// Whether it runs as the proxies' user.
  let isProxy: Bool

  /// Asks the kernel; nil where the process is gone, or its number is another's by now.
  init?(_ caller: Caller, proxyUser: UInt32 = AgentSettings.usualProxyUser) {
    guard caller.pid > 0 else { return nil }
    isProxy = caller.uid == proxyUser
    uid = caller.uid
    gid = caller.gid
    let process = "/proc/\(caller.pid)"
    program = FileIdentity(at: "\(process)/exe")
    programName = (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(process)/exe")) ?? ""
    cgroup = Self.cgroup("\(process)/cgroup")
    networkNamespace = FileIdentity(at: "\(process)/ns/net")
    // Asked last: a process that is there still had its number all the while, so what was read is its own.
    guard caller.process.isAlive else { return nil }
  }

  /// Whether all of these hold, and of pods any.
  func satisfies(_ selectors: [Selector]) -> Bool {
    let pods = selectors.pods
    return selectors.allSatisfy { if case .pod = $0 { true } else { satisfies($0) } }
      && (pods.isEmpty || pods.contains { satisfies(.pod($0)) })
  }

  /// Whether a selector holds. Paths and names are the host's: the agent looks them up itself.
  func satisfies(_ selector: Selector) -> Bool {
    switch selector {
    case .user(let number): uid == number
    case .group(let number): gid == number
    case .path(let path): program != nil && program == FileIdentity(at: path)
    case .cgroup(let group): cgroup == group || cgroup.hasPrefix(group.hasSuffix("/") ? group : group + "/")
    case .networkNamespace(let name): isIn(networkNamespace: name)
    case .pod(let name): isProxy && isIn(networkNamespace: name)
    }
  }

  private func isIn(networkNamespace name: String) -> Bool {
    guard let networkNamespace else { return false }
    if networkNamespace == FileIdentity(at: "\(NetworkNamespace.namedDirectory)/\(name)") { return true }
    // All namespaces are files of one file system, the agent's own among them; elsewhere the number means another file.
    return UInt64(name) == networkNamespace.inode
      && FileIdentity(at: "/proc/self/ns/net")?.device == networkNamespace.device
  }

  /// What `ip netns` calls its network namespace, or that one's number; nil where the agent may not look.
  private var networkNamespaceName: String? {
    guard let networkNamespace else { return nil }
    let directory = NetworkNamespace.namedDirectory
    let names = ((try? DirectoryNames.read(directory)) ?? []).prefix(Self.namespacesLooked).sorted()
    return names.first { FileIdentity(at: "\(directory)/\($0)") == networkNamespace } ?? "\(networkNamespace.inode)"
  }

  /// Named namespaces that are looked through for what one is called: several times what a host has.
  private static let namespacesLooked = 4_096

  private static func cgroup(_ path: String) -> String {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return "" }
    let lines = text.split(separator: "\n").map {
      $0.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    }
    let line = lines.first { $0.count == 3 && $0[0] == "0" } ?? lines.first { $0.count == 3 }
    return line.map { String($0[2]) } ?? ""
  }
}

extension ProcessEvidence: CustomStringConvertible {
  /// For the program's own user, who asks why it is refused.
  var description: String {
    let program = programName.isEmpty ? "of a program the agent may not see (it needs CAP_SYS_PTRACE)" : programName
    return "uid \(uid), gid \(gid), \(program), cgroup \(cgroup.isEmpty ? "unknown" : cgroup), "
      + "network namespace \(networkNamespaceName ?? "unknown (the agent needs CAP_SYS_PTRACE)")"
  }
}
