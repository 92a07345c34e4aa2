import Glibc
import Kernel
import MeshModel
import Testing

@Suite("Half-closed sockets")
struct HalfClosedSocketsTests {
  @Test("are found by their two ends whatever their port, and told from those that are closed")
  func found() throws {
    for family in LoopbackConnection.Family.allCases {
      let connection = try #require(LoopbackConnection(family))
      func look() throws -> HalfClosedSockets {
        try HalfClosedSockets(from: connection.source.ip, to: connection.destination)
      }
      #expect(try look() == HalfClosedSockets.none, "an open one is none, \(family)")
      #expect(shutdown(connection.client, Int32(SHUT_WR)) == 0)
      let half = try look()
      #expect(half.areHeld && !half.areOrphaned, "\(family)")
      connection.closeClient()
      let closed = try look()
      #expect(!closed.areHeld && closed.areOrphaned, "\(family)")
    }
  }

  @Test("of other addresses and ports are others")
  func others() throws {
    let connection = try #require(LoopbackConnection(.ipv4))
    #expect(shutdown(connection.client, Int32(SHUT_WR)) == 0)
    let (source, destination) = (connection.source, connection.destination)
    let stranger = IPAddress(v4: 0x7f00_0002)
    #expect(try HalfClosedSockets(from: stranger, to: destination) == .none)
    #expect(try HalfClosedSockets(from: source.ip, to: SocketAddress(stranger, port: destination.port)) == .none)
    let nextPort = SocketAddress(destination.ip, port: destination.port ^ 1)
    #expect(try HalfClosedSockets(from: source.ip, to: nextPort) == .none)
  }

  @Test("are searched for among thousands of connections in less than a turn of a loop may take")
  func cost() throws {
    let connection = try #require(LoopbackConnection(.ipv4))
    let clock = ContinuousClock()
    let times = try (0..<20).map { _ in
      try clock.measure { _ = try HalfClosedSockets(from: connection.source.ip, to: connection.destination) }
    }
    let least = try #require(times.min())
    print("a search takes \(least), at most \(times.max() ?? least)")
    #expect(least < .milliseconds(10), "\(times)")
  }
}
