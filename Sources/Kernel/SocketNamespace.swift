internal import CLinux
internal import Glibc

extension FileDescriptor {
  /// Which network namespace the socket is of, a number that no other has until the host starts anew (socket(7)
  /// SO_NETNS_COOKIE, Linux 5.14); nil where the kernel does not say.
  ///
  /// A local stream socket that was accepted is of the namespace of who connected: the kernel makes it when that one calls
  /// (unix_stream_connect in net/unix/af_unix.c). So it tells of a peer what /proc tells nobody without privileges.
  public var networkNamespace: UInt64? {
    var cookie: UInt64 = 0
    var size = socklen_t(MemoryLayout<UInt64>.size)
    guard getsockopt(raw, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size) == 0 else { return nil }
    return cookie
  }
}

extension UnixSocket {
  /// Whether who connected the accepted `socket` runs in this process's own network namespace; false where the kernel cannot
  /// tell.
  public static func isOfOwnNamespace(_ socket: borrowing FileDescriptor) -> Bool {
    guard let peer = socket.networkNamespace, let own = try? make().networkNamespace else { return false }
    return peer == own
  }

  /// Whether who connected the accepted `socket` is known to run in another network namespace than this process; false where
  /// the kernel cannot tell.
  public static func isOfOtherNamespace(_ socket: borrowing FileDescriptor) -> Bool {
    guard let peer = socket.networkNamespace, let own = try? make().networkNamespace else { return false }
    return peer != own
  }
}
