internal import CLinux
internal import Glibc

/// Giving up what root has, for good and checked.
public enum Privileges {
  /// A user and its group.
  public struct User: Hashable, Sendable {
    /// The user's number.
    public let uid: UInt32
    /// The group that goes with it.
    public let gid: UInt32

    /// A user by its numbers.
    public init(uid: UInt32, gid: UInt32) {
      self.uid = uid
      self.gid = gid
    }

    /// The user of /etc/passwd that `text` names; a number that is not listed there stands for itself and a group of
    /// the same number, as container images have them. Throws `unknownUser` for other text.
    public init(_ text: String) throws(PrivilegeError) {
      // (uid_t)-1 means "leave it as it is" to the calls that set it, so it is no user.
      let number = text.allSatisfy { ("0"..."9").contains($0) } ? UInt32(text).flatMap { $0 == .max ? nil : $0 } : nil
      if let entry = number.map({ getpwuid($0) }) ?? getpwnam(text) {
        self.init(uid: entry.pointee.pw_uid, gid: entry.pointee.pw_gid)
      } else if let number {
        self.init(uid: number, gid: number)
      } else {
        throw .unknownUser(text)
      }
    }
  }

  /// Whether this process can become another user.
  public static var canSwitchUser: Bool { Capabilities.permitted.isSuperset(of: [.setUID, .setGID]) }

  /// Becomes `user` (nil: stays who it is) with no capability but `kept`, no way to gain one (no_new_privs), and not
  /// open to debuggers or core dumps of its own user; then reads all of it back.
  ///
  /// Call it before the first thread. Throws where anything failed or remains; the process must end then.
  public static func drop(to user: User?, keeping kept: Capabilities = []) throws(PrivilegeError) {
    if let threads = threadCount(), threads > 1 { throw .threadsRunning(threads) }
    _ = weft_prctl(PR_CAP_AMBIENT, UInt(PR_CAP_AMBIENT_CLEAR_ALL), 0, 0)
    kept.boundAll()
    if let user { try become(user, keepsCapabilities: !kept.isEmpty) }
    try kept.apply()
    guard weft_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0) == 0 else { throw .call(SystemError("prctl", "NO_NEW_PRIVS")) }
    guard weft_prctl(PR_SET_DUMPABLE, 0, 0, 0) == 0 else { throw .call(SystemError("prctl", "DUMPABLE")) }
    try verify(user, kept)
  }

  private static func become(_ user: User, keepsCapabilities: Bool) throws(PrivilegeError) {
    guard weft_prctl(PR_SET_KEEPCAPS, keepsCapabilities ? 1 : 0, 0, 0) == 0 else {
      throw .call(SystemError("prctl", "KEEPCAPS"))
    }
    // Groups first: without CAP_SETGID, which goes with the user, they could not be changed any more.
    if canSwitchUser {
      var group = user.gid
      guard setgroups(1, &group) == 0 else { throw .call(SystemError("setgroups", "\(user.gid)")) }
    }
    guard weft_set_groups(user.gid) == 0 else { throw .call(SystemError("setresgid", "\(user.gid)")) }
    guard weft_set_users(user.uid) == 0 else { throw .call(SystemError("setresuid", "\(user.uid)")) }
    guard weft_prctl(PR_SET_KEEPCAPS, 0, 0, 0) == 0 else { throw .call(SystemError("prctl", "KEEPCAPS")) }
  }

  private static func verify(_ user: User?, _ kept: Capabilities) throws(PrivilegeError) {
    if let user {
      guard weft_users_are(user.uid) == 1 else { throw .remains("a user id other than \(user.uid)") }
      guard weft_groups_are(user.gid) == 1 else { throw .remains("a group id other than \(user.gid)") }
      guard user.uid == 0 || kept.contains(.setUID) || setuid(0) != 0 else { throw .remains("the way back to root") }
    }
    guard let sets = Capabilities.read() else { throw .call(SystemError("capget")) }
    guard sets.effective == kept, sets.permitted == kept, sets.inheritable.isEmpty else {
      throw .remains("capabilities \(String(sets.permitted.union(sets.inheritable).rawValue, radix: 16))")
    }
    guard !Capabilities.anyAmbient else { throw .remains("ambient capabilities") }
    guard weft_prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0) == 1 else { throw .remains("the way to gain privileges by exec") }
    guard weft_prctl(PR_GET_DUMPABLE, 0, 0, 0) == 0 else { throw .remains("dumpable memory") }
  }

  /// Threads of this process; nil without /proc.
  private static func threadCount() -> Int? {
    guard let tasks = opendir("/proc/self/task") else { return nil }
    defer { closedir(tasks) }
    var count = 0
    while let entry = readdir(tasks) { if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 } }
    return count
  }
}
