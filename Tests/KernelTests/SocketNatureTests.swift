import CLinux
import Glibc
import MeshModel
import Testing

@testable import Kernel

@Suite("What a socket is")
struct SocketNatureTests {
  private static let places = [IPAddress(v4: 0x7f00_0001), IPAddress(high: 0, low: 1)].map {
    SocketAddress($0, port: 0)
  }

  @Test("is told of UDP and of listening TCP, with where they are bound", arguments: places)
  func told(place: SocketAddress) throws {
    let datagrams = try Kernel.FileDescriptor.datagrams(on: place)
    let listener = try Kernel.FileDescriptor.listener(on: place, shared: false)
    let (udp, tcp) = (datagrams.nature, listener.nature)
    let (udpAddress, tcpAddress) = (datagrams.localAddress(), listener.localAddress())
    #expect(udp?.transport == .udp && udp?.address == udpAddress && udp?.address.ip == place.ip)
    #expect(tcp?.transport == .tcp && tcp?.address == tcpAddress && tcp?.address.ip == place.ip)
  }

  @Test("is not told of what neither answers nor accepts")
  func others() throws {
    for (domain, kind) in [
      (AF_INET, SOCK_DGRAM), (AF_INET, SOCK_STREAM), (AF_UNIX, SOCK_STREAM), (AF_UNIX, SOCK_DGRAM),
    ] {
      let unbound = Kernel.FileDescriptor(owning: socket(domain, Int32(kind.rawValue | SOCK_CLOEXEC.rawValue), 0))
      let nature = unbound.nature
      #expect(nature == nil)
    }
    let listener = try Kernel.FileDescriptor.listener(on: Self.places[0], shared: false)
    let bound = listener.localAddress()
    let address = try #require(bound)
    guard case .connecting(let connection) = dial(address) else { throw SystemError("dial", "\(address)") }
    let nature = connection.nature
    #expect(nature == nil)
    let file = Kernel.FileDescriptor(owning: open("/dev/null", O_RDONLY | O_CLOEXEC))
    let fileNature = file.nature
    #expect(fileNature == nil)
  }

  @Test("a UDP address that somebody has is not had twice")
  func taken() throws {
    let first = try Kernel.FileDescriptor.datagrams(on: Self.places[0])
    let bound = first.localAddress()
    let address = try #require(bound)
    let error = #expect(throws: SystemError.self) { _ = try Kernel.FileDescriptor.datagrams(on: address) }
    #expect(error?.code == EADDRINUSE)
  }
}
