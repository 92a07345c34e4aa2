/// What SO_PEERCRED gives (`struct ucred`, unix(7)), for who asks a socket that is not ours to own.
public struct PeerCredentials: BitwiseCopyable, Sendable {
  /// The process, in this process's PID namespace.
  public let pid: Int32
  /// Its effective user.
  public let uid: UInt32
  /// Its effective group.
  public let gid: UInt32
}
