import CLinux
import Glibc
@testable import Kernel
import Testing

@Suite struct ServiceManagerTests {
  /// A datagram socket bound to `name`, as $NOTIFY_SOCKET would spell it.
  private func manager(at name: String) throws -> FileDescriptor {
    let number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    let socket = FileDescriptor(owning: number)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) {
      $0.copyBytes(from: name.utf8)
      if name.hasPrefix("@") { $0[0] = 0 }
    }
    // An abstract name is as long as the size says; a path may end before it.
    let size = socklen_t(MemoryLayout<sa_family_t>.size + name.utf8.count)
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(number, $0, size) }
    }
    guard bound == 0 else { throw SystemError("bind", name) }
    return socket
  }

  @Test("A state reaches the manager at a path, whole and in one datagram")
  func path() throws {
    let directory = try ScratchDirectory()
    let manager = try manager(at: directory.file("notify"))
    ServiceManager.notify("READY=1\nSTATUS=serving", at: directory.file("notify"))
    #expect(manager.awaitText() == "READY=1\nSTATUS=serving")
  }

  @Test("A state reaches the manager at an abstract address, of any length the kernel allows")
  func abstract() throws {
    for length in [12, 107] {
      let name = "@weft-notify-\(getpid())-\(length)-"
      let padded = name + String(repeating: "n", count: max(0, length - name.utf8.count))
      let manager = try manager(at: padded)
      ServiceManager.notify("STOPPING=1", at: padded)
      #expect(manager.awaitText() == "STOPPING=1")
    }
  }

  @Test("Nobody there, no name and a name too long are passed over; a manager that does not read is not waited for")
  func failures() throws {
    let directory = try ScratchDirectory()
    ServiceManager.notify("READY=1", at: directory.file("nobody"))
    ServiceManager.notify("READY=1", at: "")
    ServiceManager.notify("READY=1", at: "/" + String(repeating: "n", count: 200))
    let manager = try manager(at: directory.file("notify"))
    for _ in 0..<5000 { ServiceManager.notify("WATCHDOG=1", at: directory.file("notify")) }
    #expect(manager.awaitText() == "WATCHDOG=1")
  }
}
