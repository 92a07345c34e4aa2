internal import CLinux
internal import Glibc

/// Tells systemd, or whoever started the program, how it is doing (sd_notify(3)): one datagram to $NOTIFY_SOCKET.
public enum ServiceManager {
  /// Sends lines such as `READY=1`. Without $NOTIFY_SOCKET nothing happens; failures are not worth stopping for.
  public static func notify(_ state: String) {
    guard let path = getenv("NOTIFY_SOCKET").map({ String(cString: $0) }) else { return }
    notify(state, at: path)
  }

  /// Sends to the manager at `path`.
  static func notify(_ state: String, at path: String) {
    guard !path.isEmpty else { return }
    let number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard number >= 0 else { return }
    let descriptor = FileDescriptor(owning: number)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    // "@name" is an abstract address: its first byte is NUL.
    let name = path.hasPrefix("@") ? [0] + Array(path.utf8.dropFirst()) : Array(path.utf8)
    guard name.count <= UnixSocket.pathLimit else { return }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
    let size = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
    let message = Array(state.utf8)
    _ = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(descriptor.raw, message, message.count, Int32(MSG_NOSIGNAL), $0, size)
      }
    }
  }
}
