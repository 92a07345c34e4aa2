internal import Glibc

/// Who may connect to a socket file: who may write it (unix(7)).
public struct SocketAccess: Hashable, Sendable {
  /// Its owner.
  public let user: UInt32
  /// Its group.
  public let group: UInt32
  /// Its permission bits.
  public let mode: UInt32
  /// Whether it is a socket at all.
  let isSocket: Bool

  /// Looks at the file; nil where this process may not.
  init?(path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    (user, group, mode) = (status.st_uid, status.st_gid, status.st_mode & 0o777)
    isSocket = status.st_mode & S_IFMT == S_IFSOCK
  }

  /// As `root, user weft and group weft`.
  func text(naming: Bool) -> String {
    var who = ["root"]
    if user != 0, mode & 0o200 != 0 { who.append("user \(naming ? Self.userName(user) : String(user))") }
    if mode & 0o020 != 0 { who.append("group \(naming ? Self.groupName(group) : String(group))") }
    guard let last = who.popLast() else { return "" }
    return who.isEmpty ? "only \(last)" : "\(who.joined(separator: ", ")) and \(last)"
  }

  private static func userName(_ id: UInt32) -> String {
    getpwuid(id).flatMap { $0.pointee.pw_name }.map { String(cString: $0) } ?? String(id)
  }

  private static func groupName(_ id: UInt32) -> String {
    getgrgid(id).flatMap { $0.pointee.gr_name }.map { String(cString: $0) } ?? String(id)
  }
}
