import MeshModel
import Testing
import WeftTestKit

@testable import ProxyPath

@Suite("The agent's last snapshot")
struct LastSnapshotTests {
  private func snapshot(port: UInt16) throws -> Snapshot {
    let endpoint = Endpoint(SocketAddress(IPAddress(v4: 0xc612_0001), port: port))
    let service = Service(namespace: "shop", name: "web", ports: [.init(port: 80, endpoints: [endpoint])])
    return try Snapshot(policies: [], mesh: MeshConfiguration(services: [service]))
  }

  @Test("is written at once, a second after documents changed again, and endpoints alone may wait longer")
  func pace() throws {
    let directory = try TemporaryDirectory()
    var last = LastSnapshot(path: directory.file("last"))
    #expect(try last.load() == nil)
    let (first, second) = (try snapshot(port: 1), try snapshot(port: 2))
    try last.keep(first, documents: 1, now_ms: 10)
    #expect(try last.load() == first && last.due_ms(first, documents: 1, now_ms: 10) == nil)

    #expect(last.due_ms(second, documents: 1, now_ms: 10) == LastSnapshot.endpointInterval_ms)
    #expect(last.due_ms(second, documents: 2, now_ms: 10) == LastSnapshot.interval_ms)
    try last.keep(second, documents: 1, now_ms: 10 + LastSnapshot.interval_ms)
    #expect(try last.load() == first, "where it runs says the file; where endpoints are, connections find out")
    try last.keep(second, documents: 2, now_ms: 10 + LastSnapshot.interval_ms)
    #expect(try last.load() == second)
    let third = try snapshot(port: 3)
    try last.keep(third, documents: 2, now_ms: 10 + LastSnapshot.interval_ms, isUrgent: true)
    #expect(try last.load() == third, "another proxy starts with it")
  }
}
