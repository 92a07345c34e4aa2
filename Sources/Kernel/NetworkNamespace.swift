internal import CLinux
internal import Glibc

/// A network namespace held open by a descriptor (network_namespaces(7), namespaces(7)).
///
/// The calling thread's namespace is what `enter` and `unshare` change, so call them from one thread only and
/// open no socket elsewhere in between. Children inherit the namespace of the thread that spawns them.
public struct NetworkNamespace: ~Copyable, Sendable {
  /// Where iproute2 keeps named namespaces (ip-netns(8)).
  public static let namedDirectory = "/run/netns"

  let descriptor: FileDescriptor

  /// The namespace that the calling thread is in.
  public static func current() throws(SystemError) -> NetworkNamespace {
    try NetworkNamespace(path: "/proc/thread-self/ns/net")
  }

  /// A namespace by the name `ip netns` gave it, or by a path when `nameOrPath` holds a slash.
  public static func open(_ nameOrPath: String) throws(SystemError) -> NetworkNamespace {
    try NetworkNamespace(path: nameOrPath.contains("/") ? nameOrPath : "\(namedDirectory)/\(nameOrPath)")
  }

  /// Moves the calling thread into a new, empty namespace, which lives as long as something holds it.
  /// Needs CAP_SYS_ADMIN.
  public static func unshare() throws(SystemError) -> NetworkNamespace {
    guard weft_unshare_network() == 0 else { throw SystemError("unshare", "CLONE_NEWNET") }
    return try current()
  }

  private init(path: String) throws(SystemError) {
    let number = weft_open(path, O_RDONLY | O_CLOEXEC, 0)
    guard number >= 0 else { throw SystemError("open", path) }
    self.descriptor = FileDescriptor(owning: number)
  }

  /// Moves the calling thread into this namespace. Needs CAP_SYS_ADMIN.
  public func enter() throws(SystemError) {
    guard weft_enter_network_namespace(descriptor.raw) == 0 else { throw SystemError("setns", path) }
  }

  /// The inode number that identifies the namespace on this host while it lives.
  public func identity() throws(SystemError) -> UInt64 {
    var status = stat()
    guard fstat(descriptor.raw, &status) == 0 else { throw SystemError("fstat", path) }
    return UInt64(status.st_ino)
  }

  /// A path by which another process of this host can name the namespace while this value lives.
  public var path: String { "/proc/\(getpid())/fd/\(descriptor.raw)" }

  /// Takes the namespace's advisory lock (flock(2)) unless another holder has it.
  ///
  /// The lock sits on the namespace itself, not on a file, so it needs no directory, cannot be left behind by a
  /// killed process, and keeps two namespaces from waiting for each other. It ends with this value.
  public func tryLock() throws(SystemError) -> Bool {
    if flock(descriptor.raw, LOCK_EX | LOCK_NB) == 0 { return true }
    guard errno == EWOULDBLOCK else { throw SystemError("flock", path) }
    return false
  }
}
