import DNS
import MeshModel
import NameService
import Testing
import WeftTestKit

@Suite("The name server")
struct MeshNameServerTests {
  static func options(_ listeners: [SocketAddress]) throws -> NameServerOptions {
    NameServerOptions(listeners: listeners, zone: try #require(Zone()), resolvers: .fixed(ServedNames.none))
  }

  @Test("says which address it cannot have, and gives back those that it had")
  func taken() async throws {
    let first = MeshNameServer(try Self.options([ServedNames.loopback]))
    try await first.listen()
    let taken = try #require(first.addresses.first)
    let free = SocketAddress(try #require(IPAddress("127.0.0.9")), port: taken.port)
    let second = MeshNameServer(try Self.options([free, taken]))
    let error = await #expect(throws: NameServiceError.self) { try await second.listen() }
    #expect(error == .cannotListen(taken, .udp, reason: "address already in use"))
    #expect(second.addresses.isEmpty)
    first.close()
  }

  @Test("does not listen on an address that stands for all", arguments: ["0.0.0.0:0", "[::]:0"])
  func unspecified(address: String) async throws {
    let address = try #require(SocketAddress(address))
    let server = MeshNameServer(try Self.options([address]))
    let error = await #expect(throws: NameServiceError.self) { try await server.listen() }
    #expect(error == .unspecifiedAddress(address))
  }

  @Test("runs until its task is cancelled, and is closed then")
  func cancelled() async throws {
    let server = MeshNameServer(try Self.options([ServedNames.loopback]))
    try await server.listen()
    let client = try ClientSocket(try #require(server.addresses.first), .tcp)
    try client.send(MessageStream.framed(try query("mesh", .ns)))
    var stream = MessageStream()
    #expect(try client.message(&stream) != nil)
    let running = Task { try await server.run() }
    running.cancel()
    try await running.value
    #expect(try server.addresses.isEmpty && client.message(&stream) == nil)
    let error = await #expect(throws: NameServiceError.self) { try await server.listen() }
    #expect(error == .closed)
  }

  @Test("has one line for each error")
  func errors() throws {
    for error in [
      NameServiceError.cannotListen(ServedNames.loopback, .tcp, reason: "permission denied"),
      .unspecifiedAddress(ServedNames.loopback), .listenerLost(ServedNames.loopback, .udp), .closed,
    ] { #expect(error.description.hasPrefix("name server: ") && !error.description.contains("\n")) }
  }
}
