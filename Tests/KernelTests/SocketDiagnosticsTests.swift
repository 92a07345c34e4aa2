import Glibc
import Kernel
import MeshModel
import Testing

@Suite struct SocketDiagnosticsTests {
  @Test(
    "A connection's socket is found by its two addresses, also when it talks IPv4 through an IPv6 socket",
    arguments: LoopbackConnection.Family.allCases
  )
  func found(family: LoopbackConnection.Family) throws {
    let connection = try #require(LoopbackConnection(family))
    let diagnostics = try SocketDiagnostics()
    let owner = try #require(
      try diagnostics.lookup(source: connection.source, destination: connection.destination)
    )
    var status = stat()
    fstat(connection.client, &status)
    #expect(owner.inode == UInt64(status.st_ino))
    #expect(owner.uid == geteuid())
    #expect(owner.state == 1)
  }

  @Test("A listener on the port is not taken for a connection, and a socket of nobody is none")
  func absent() throws {
    let connection = try #require(LoopbackConnection(.ipv4))
    let diagnostics = try SocketDiagnostics()
    let stranger = SocketAddress(connection.source.ip, port: connection.source.port)
    let listener = try diagnostics.lookup(
      source: connection.destination,
      destination: SocketAddress(connection.source.ip, port: 1)
    )
    #expect(listener == nil)
    #expect(try diagnostics.lookup(source: stranger, destination: SocketAddress(stranger.ip, port: 1)) == nil)
    let nobody = try #require(SocketAddress("[2001:db8::1]:80"))
    #expect(try diagnostics.lookup(source: nobody, destination: nobody) == nil)
  }

  @Test(
    "A socket that is half closed has its program still; one that is closed has none",
    arguments: LoopbackConnection.Family.allCases
  )
  func orphans(family: LoopbackConnection.Family) throws {
    let connection = try #require(LoopbackConnection(family))
    let diagnostics = try SocketDiagnostics(waits: false)
    func owner() throws -> SocketOwner? {
      try diagnostics.lookup(source: connection.source, destination: connection.destination)
    }
    #expect(shutdown(connection.client, Int32(SHUT_WR)) == 0)
    let half = try #require(try owner())
    #expect(!half.isOrphan && half.state != 1)
    connection.closeClient()
    #expect(try #require(try owner()).isOrphan)
  }

  @Test("Each of a thousand questions in a row gets its own answer")
  func many() throws {
    let first = try #require(LoopbackConnection(.ipv4))
    let second = try #require(LoopbackConnection(.ipv6))
    let diagnostics = try SocketDiagnostics()
    let inodes = try [first, second].map {
      try diagnostics.lookup(source: $0.source, destination: $0.destination)?.inode
    }
    #expect(inodes[0] != inodes[1])
    for round in 0..<1000 {
      let connection = [first, second][round % 2]
      let owner = try diagnostics.lookup(source: connection.source, destination: connection.destination)
      #expect(owner?.inode == inodes[round % 2])
    }
  }
}
