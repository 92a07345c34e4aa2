import Balancing
import MeshModel
import Policy
@testable import ProxyPath
import Testing

@Suite struct ClusterTableTests {
  private func address(_ number: UInt32) -> SocketAddress { SocketAddress(IPAddress(v4: number), port: 80) }

  private func table(_ services: (name: String, endpoints: [UInt32])...) -> RequestTable {
    let services = services.map { name, endpoints in
      Service(
        namespace: "shop",
        name: name,
        ports: [.init(port: 80, endpoints: endpoints.map { Endpoint(address($0)) })]
      )
    }
    return RequestTable(MeshConfiguration(services: services), for: .unlabelled)
  }

  @Test("A new table keeps the clusters of the services that it still has, with what was learned of their endpoints")
  func kept() throws {
    var (targets, clusters, random) = (TargetTable(), ClusterTable(), FastRandom(seed: 1))
    let before = table(("db", [9]), ("web", [1, 2]))
    clusters.adopt(before, after: .empty, &targets, now_ns: 0)
    let web = clusters.cluster(of: 1, before, &targets, now_ns: 0)
    _ = clusters.cluster(of: 0, before, &targets, now_ns: 0)
    let failing = try #require(targets.find(address(1)))
    for _ in 0..<10 { targets[failing].health.failed(now_ns: 1, random: &random) }
    #expect(targets[failing].health.isAvailable(now_ns: 1) == false)
    #expect(clusters.clusters[web].targets.count == 2)

    // Another number, another service before it, and an endpoint more.
    let after = table(("api", [7]), ("cache", [8]), ("web", [1, 3]))
    clusters.adopt(after, after: before, &targets, now_ns: 1)
    let same = clusters.cluster(of: 2, after, &targets, now_ns: 1)
    #expect(clusters.clusters.count == 1, "what was never asked is not made, and what is gone is dropped")
    #expect(clusters.clusters[same].targets.map { targets[$0].address } == [address(1), address(3)])
    #expect(targets.find(address(1)) == failing)
    #expect(targets[failing].health.isAvailable(now_ns: 1) == false)
    #expect([2, 9].map { targets.find(address($0)) } == [nil, nil])
    #expect(targets.count == 2)
    for _ in 0..<20 {
      let picked = try #require(clusters.pick(same, &targets, &random, now_ns: 1, excluding: nil))
      #expect(targets[picked].address == address(3))
    }
  }

  @Test("A service that has been without endpoints goes on failing fast, whatever changes elsewhere")
  func failfast() {
    var (targets, clusters) = (TargetTable(), ClusterTable())
    let before = table(("web", []))
    clusters.adopt(before, after: .empty, &targets, now_ns: 0)
    let deadline = clusters.failfastDeadline(clusters.cluster(of: 0, before, &targets, now_ns: 0), now_ns: 0)
    #expect(deadline == Failfast.timeout_ns)
    var (now_ns, older) = (UInt64(0), before)
    while now_ns < Failfast.timeout_ns {
      now_ns += Failfast.timeout_ns / 10
      let newer = table(("api", [UInt32(truncatingIfNeeded: now_ns)]), ("web", []))
      clusters.adopt(newer, after: older, &targets, now_ns: now_ns)
      older = newer
    }
    let web = clusters.cluster(of: 1, older, &targets, now_ns: now_ns)
    #expect(clusters.failfastDeadline(web, now_ns: now_ns) == now_ns, "requests are answered at once")
  }

  @Test("Where the numbers are the same, a change of endpoints finds each cluster by its number")
  func sameNumbers() {
    var (targets, clusters) = (TargetTable(), ClusterTable())
    let before = table(("db", [9]), ("web", [1, 2]))
    clusters.adopt(before, after: .empty, &targets, now_ns: 0)
    for port in 0...1 { _ = clusters.cluster(of: port, before, &targets, now_ns: 0) }
    let after = table(("db", [9]), ("web", [2]))
    clusters.adopt(after, after: nil, &targets, now_ns: 1)
    #expect(clusters.clusters.map(\.port) == [0, 1])
    #expect(clusters.clusters.map { $0.targets.map { targets[$0].address } } == [[address(9)], [address(2)]])
    #expect(targets.count == 2)
  }
}
