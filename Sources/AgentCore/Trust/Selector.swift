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

  /// Selectors of one identity: each narrows, so a few say it all.
  static let limit = 16
  /// Bytes of one: the longest path.
  static let bytes = 4_096

  /// Reads `unix:uid:1000`, `unix:gid:1000`, `unix:path:/usr/bin/web`, `unix:cgroup:/system.slice/web.service` or
  /// `unix:netns:web`.
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
    case "netns" where !parts[2].contains("/") && parts[2] != "." && parts[2] != "..":
      self = .networkNamespace(parts[2])
    default: throw Self.wrong(text)
    }
  }

  private static func wrong(_ text: String) -> MeshRefusal {
    MeshRefusal(
      "\"\(text)\" is no selector; known are unix:uid:N, unix:gid:N, unix:path:/FILE, unix:cgroup:/GROUP and unix:netns:NAME"
    )
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
    }
  }
}
