/// What the kernel must say of a program for it to have an identity. The text is SPIRE's, as far as it goes.
enum Selector: Hashable, Sendable {
  /// Its user.
  case user(UInt32)
  /// Its group.
  case group(UInt32)
  /// Its binary: the file that the host has at this path.
  case path(String)
  /// Its control group or one above it, as in `/system.slice/web.service`.
  case cgroup(String)
  /// Its network namespace: the one that `ip netns` calls so, or an inode's number.
  case networkNamespace(String)
  /// The proxy of a pod: the network namespace that `ip netns` calls so, and the proxies' user. A process is in one pod, so
  /// of several of these any may hold.
  case pod(String)

  /// Selectors of one identity, beside its pods: each narrows, so a few say it all.
  static let limit = 16
  /// Pods of one identity: as many as a host runs.
  static let podLimit = PodNamesLimit.pods
  /// Bytes of one: the longest path.
  static let bytes = 4_096

  /// Reads `unix:uid:1000`, `unix:gid:1000`, `unix:path:/usr/bin/web`, `unix:cgroup:/system.slice/web.service`,
  /// `unix:netns:web` or `unix:pod:web`.
  init(_ text: String) throws(MeshRefusal) {
    let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 3, parts[0] == "unix", !parts[2].isEmpty, text.utf8.count <= Self.bytes else {
      throw Self.wrong(text)
    }
    switch parts[1] {
    case "uid":
      guard let number = UInt32(parts[2]) else { throw Self.wrong(text) }
      self = .user(number)
    case "gid":
      guard let number = UInt32(parts[2]) else { throw Self.wrong(text) }
      self = .group(number)
    case "path" where parts[2].hasPrefix("/"): self = .path(parts[2])
    case "cgroup" where parts[2].hasPrefix("/"): self = .cgroup(parts[2])
    // A name, which stays below the directory of names.
    case "netns" where Self.isName(parts[2]): self = .networkNamespace(parts[2])
    case "pod" where Self.isName(parts[2]): self = .pod(parts[2])
    default: throw Self.wrong(text)
    }
  }

  private static func isName(_ text: String) -> Bool { !text.contains("/") && text != "." && text != ".." }

  private static func wrong(_ text: String) -> MeshRefusal {
    MeshRefusal(
      "\"\(text)\" is no selector; known are unix:uid:N, unix:gid:N, unix:path:/FILE, unix:cgroup:/GROUP, "
        + "unix:netns:NAME and unix:pod:NAME"
    )
  }
}

extension [Selector] {
  /// The names of pods among them.
  var pods: [String] {
    compactMap { if case .pod(let name) = $0 { name } else { nil } }
  }
}

extension Selector: CustomStringConvertible {
  var description: String {
    switch self {
    case .user(let number): "unix:uid:\(number)"
    case .group(let number): "unix:gid:\(number)"
    case .path(let path): "unix:path:\(path)"
    case .cgroup(let group): "unix:cgroup:\(group)"
    case .networkNamespace(let name): "unix:netns:\(name)"
    case .pod(let name): "unix:pod:\(name)"
    }
  }
}
