import Glibc
import MeshModel

/// A port whose connections are taken by the kernel and answered by nobody.
final class SilentListener {
  let address: MeshModel.SocketAddress
  private let socket: Int32

  init() throws {
    let number = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withUnsafeMutablePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(number, pointer, length) == 0 && listen(number, 16) == 0 && getsockname(number, pointer, &length) == 0
      }
    }
    guard isListening else { throw Failure(code: errno) }
    socket = number
    address = SocketAddress(IPAddress(v4: 0x7f00_0001), port: UInt16(bigEndian: name.sin_port))
  }

  deinit { close(socket) }

  struct Failure: Error { let code: Int32 }
}
