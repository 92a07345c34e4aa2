internal import CLinux

/// Gives sockets another owner without another process.
///
/// The packet filter's owner match asks for the file system user and group that a socket was made with
/// (xt_owner; setfsuid(2)), which are the calling thread's own and can be changed for a moment.
public struct FileOwner: Sendable {
  /// The uid that the owner match shall see.
  public let user: UInt32
  /// The gid that the owner match shall see.
  public let group: UInt32

  /// An owner by numbers.
  public init(user: UInt32, group: UInt32) {
    self.user = user
    self.group = group
  }

  /// Runs `body` so that what this thread opens belongs to this owner; without CAP_SETUID and CAP_SETGID nothing
  /// changes, which is not an error here.
  public func own<Result: ~Copyable>(_ body: () -> Result) -> Result {
    let group = weft_set_file_group(group)
    let user = weft_set_file_user(user)
    defer {
      _ = weft_set_file_user(user)
      _ = weft_set_file_group(group)
    }
    return body()
  }
}
