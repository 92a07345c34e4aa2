import CLinux
import Glibc
import Kernel
import MeshModel
import Testing
import WeftTestKit

@Suite struct SocketAddressKernelTests {
  @Test("Any address of either family comes back from the kernel's form as it was", arguments: [1, 2] as [UInt64])
  func roundTrip(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for _ in 0..<2000 {
      let port = UInt16.random(in: 0...(.max), using: &random)
      let v4 = SocketAddress(IPAddress(v4: .random(in: 0...(.max), using: &random)), port: port)
      #expect(carried(v4) == v4)
      let ip = IPAddress(high: .random(in: 1...(.max), using: &random), low: .random(in: 0...(.max), using: &random))
      let v6 = SocketAddress(ip, port: port, scope: .random(in: 0...(.max), using: &random))
      #expect(carried(v6) == v6)
    }
  }

  /// What the kernel's form of `address` is read back as.
  private func carried(_ address: SocketAddress) -> SocketAddress? {
    var storage = sockaddr_storage()
    address.withKernelAddress { pointer, size in
      withUnsafeMutableBytes(of: &storage) {
        $0.copyMemory(from: UnsafeRawBufferPointer(start: pointer, count: Int(size)))
      }
    }
    return SocketAddress(&storage)
  }

  /// The kernel's form, byte for byte.
  private func bytes(_ text: String, scope: UInt32 = 0) throws -> [UInt8] {
    let address = try #require(SocketAddress(text))
    return SocketAddress(address.ip, port: address.port, scope: scope).withKernelAddress { pointer, size in
      Array(UnsafeRawBufferPointer(start: pointer, count: Int(size)))
    }
  }

  @Test("An IPv4 address is written as sockaddr_in: family, port and address in network order, eight bytes of nothing")
  func v4Layout() throws {
    let expected: [UInt8] = [2, 0, 0x3a, 0x99, 192, 0, 2, 7, 0, 0, 0, 0, 0, 0, 0, 0]
    #expect(try bytes("192.0.2.7:15001") == expected)
    #expect(try bytes("[::ffff:192.0.2.7]:15001") == expected, "a mapped spelling is IPv4 to the kernel too")
  }

  @Test("An IPv6 address is written as sockaddr_in6, its scope in host order")
  func v6Layout() throws {
    let scope = withUnsafeBytes(of: UInt32(3)) { Array($0) }
    let address: [UInt8] = [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    #expect(try bytes("[fe80::1]:80", scope: 3) == [10, 0, 0, 80, 0, 0, 0, 0] + address + scope)
  }

  @Test("A mapped address that the kernel reports on an IPv6 socket is read as IPv4")
  func mapped() throws {
    var storage = sockaddr_storage()
    let form = try bytes("[2001:db8::1]:443")
    withUnsafeMutableBytes(of: &storage) {
      $0.copyBytes(from: form)
      $0[8..<24].copyBytes(from: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 2, 3])
    }
    let read = try #require(SocketAddress(&storage))
    #expect(read == SocketAddress("10.1.2.3:443"))
    #expect(read.kernelFamily == AF_INET)
  }

  @Test("Another family is no address")
  func otherFamily() {
    var storage = sockaddr_storage()
    #expect(SocketAddress(&storage) == nil)
    storage.ss_family = sa_family_t(AF_UNIX)
    #expect(SocketAddress(&storage) == nil)
  }
}
