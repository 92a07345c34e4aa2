internal import CLinux
internal import Glibc

/// What SO_PEERCRED gives (`struct ucred`, unix(7)), for who asks a socket that is not ours to own.
public struct PeerCredentials: BitwiseCopyable, Sendable {
  /// The process, in this process's PID namespace; 0 where it is in none that this one sees.
  public let pid: Int32
  /// Its effective user.
  public let uid: UInt32
  /// Its effective group.
  public let gid: UInt32

  /// Who connected `socket`, which is only borrowed, as it was at that moment.
  public init(ofSocket socket: Int32) throws(SystemError) {
    var found = weft_peer_credentials()
    var size = socklen_t(MemoryLayout<weft_peer_credentials>.size)
    guard getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &found, &size) == 0 else {
      throw SystemError("getsockopt SO_PEERCRED")
    }
    pid = found.pid
    uid = found.uid
    gid = found.gid
  }
}
