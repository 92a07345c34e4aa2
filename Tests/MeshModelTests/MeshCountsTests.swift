import MeshModel
import Testing

@Suite("What a snapshot holds, in numbers")
struct MeshCountsTests {
  @Test("an endpoint that answers under two ports of its service is one, and under two services two")
  func endpoints() throws {
    let addresses = try ["10.0.0.1:8080", "10.0.0.2:8080"].map { try #require(SocketAddress($0)) }
    // As the agent has a registered service that listens on 8080 answer on 80 too.
    let ports = [UInt16(80), 8_080].map { Service.Port(port: $0, endpoints: addresses.map { Endpoint($0) }) }
    let services = ["web", "other"].map { Service(namespace: "default", name: $0, ports: ports) }
    let counts = MeshCounts(MeshConfiguration(services: services), for: try Workload())
    #expect(counts.services == 2 && counts.endpoints == 4)
  }
}
