import Balancing
import MeshModel
import Policy
@testable import ProxyPath
import Testing

/// What a worker keeps of clusters when its table is replaced.
@Suite struct ClusterTableTests {
  /// The two tables in a reference: what cannot be copied cannot stand in an expectation.
  private final class Stores {
    private var targets = TargetTable()
    private var clusters = ClusterTable()
    private var random = FastRandom(seed: 1)
    var targetCount: Int { targets.count }
    func takeDepartures() -> Bool { targets.takeDepartures() }
    /// As a connection holds it.
    func hold(_ target: UInt32) { targets.retain(target) }
    func hasLeft(_ target: UInt32) -> Bool { targets[target].hasLeft }
    /// By cluster: its port, and its endpoints.
    var ports: [Int32] { clusters.clusters.map(\.port) }
    var members: [[SocketAddress]] {
      clusters.clusters.map { cluster in cluster.targets.map { targets[$0].address } }
    }

    func adopt(_ table: RequestTable, after older: RequestTable?, now_ns: UInt64 = 0) {
      clusters.adopt(table, after: older, &targets, now_ns: now_ns)
    }
    func cluster(of port: Int, _ table: RequestTable, now_ns: UInt64 = 0) -> Int {
      clusters.cluster(of: port, table, &targets, now_ns: now_ns)
    }
    func place(of address: SocketAddress) -> UInt32? { targets.find(address) }
    func fail(_ target: UInt32) {
      for _ in 0..<10 { targets[target].health.failed(now_ns: 1, random: &random) }
    }
    func isAvailable(_ target: UInt32) -> Bool { targets[target].health.isAvailable(now_ns: 1) }
    func pick(_ cluster: Int) -> SocketAddress? {
      clusters.pick(cluster, &targets, &random, now_ns: 1).map { targets[$0].address }
    }
    func pick(_ cluster: Int, notTo addresses: [SocketAddress]) -> SocketAddress? {
      var tried = TriedTargets()
      for address in addresses { targets.find(address).map { tried.insert($0) } }
      return clusters.pick(cluster, &targets, &random, now_ns: 1, excluding: tried).map { targets[$0].address }
    }
    func failfastDeadline(_ cluster: Int, now_ns: UInt64) -> UInt64 {
      clusters.failfastDeadline(cluster, now_ns: now_ns)
    }
  }

  private let stores = Stores()

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

  @Test("Another try goes to none of those that were tried, where there are others that may be asked")
  func tried() throws {
    let table = table(("web", [1, 2, 3]))
    stores.adopt(table, after: nil)
    let cluster = stores.cluster(of: 0, table)
    for _ in 0..<100 {
      #expect(stores.pick(cluster, notTo: [address(1), address(2)]) == address(3))
      #expect(stores.pick(cluster, notTo: [address(3), address(1)]) == address(2))
      // All were tried: the last is asked least of all.
      #expect(stores.pick(cluster, notTo: [address(1), address(3), address(2)]) != address(2))
    }
    // Of those left the one is known to be out: one that was tried is better.
    stores.fail(try #require(stores.place(of: address(3))))
    for _ in 0..<100 { #expect(stores.pick(cluster, notTo: [address(2), address(1)]) == address(2)) }
  }

  @Test("A request remembers the last four that were tried, and who was tried again is the last")
  func remembered() {
    var tried = TriedTargets()
    #expect(tried.last == nil && !tried.contains(1))
    for place: UInt32 in 1...5 { tried.insert(place) }
    #expect(!tried.contains(1) && (2...5).allSatisfy { tried.contains($0) } && tried.last == 5)
    tried.insert(3)
    #expect(tried.last == 3 && tried.contains(2))
    #expect(TriedTargets(7, earlier: .max).last == 7 && TriedTargets(7, earlier: 6).contains(6))
  }

  @Test("The clusters of services that are still there stay, with what was learned of the endpoints that they keep")
  func kept() throws {
    let before = table(("db", [9]), ("web", [1, 2]))
    stores.adopt(before, after: .empty)
    for port in 0...1 { _ = stores.cluster(of: port, before) }
    let failing = try #require(stores.place(of: address(1)))
    stores.fail(failing)
    #expect(!stores.isAvailable(failing))

    // Another number, other services before it, one endpoint gone and one new.
    let after = table(("api", [7]), ("cache", [8]), ("web", [1, 3]))
    stores.adopt(after, after: before)
    let web = stores.cluster(of: 2, after)
    #expect(stores.ports == [2], "what was never asked is not made, and what is gone is dropped")
    #expect(stores.members == [[address(1), address(3)]])
    #expect(stores.place(of: address(1)) == failing && !stores.isAvailable(failing))
    #expect(stores.place(of: address(2)) == nil && stores.place(of: address(9)) == nil)
    #expect(stores.targetCount == 2)
    for _ in 0..<20 { #expect(stores.pick(web) == address(3)) }
  }

  @Test("An endpoint has left once no service has it any more, and is back once one has it again")
  func departures() throws {
    var older = table(("db", [1]), ("web", [1, 2]))
    stores.adopt(older, after: .empty)
    for port in 0...1 { _ = stores.cluster(of: port, older) }
    let (both, one) = (try #require(stores.place(of: address(1))), try #require(stores.place(of: address(2))))
    for target in [both, one] { stores.hold(target) }
    #expect(!stores.takeDepartures())

    func change(_ table: RequestTable) {
      stores.adopt(table, after: older)
      older = table
    }
    change(table(("db", [1]), ("web", [3])))
    #expect(stores.takeDepartures() && !stores.takeDepartures())
    #expect(stores.hasLeft(one) && !stores.hasLeft(both))

    change(table(("web", [3, 2])))
    #expect(stores.takeDepartures())
    #expect(stores.hasLeft(both) && !stores.hasLeft(one))

    change(table(("web", [2, 3])))
    #expect(!stores.takeDepartures(), "another order is no departure")
  }

  @Test("A service that has been without endpoints goes on failing fast, whatever changes elsewhere")
  func failfast() {
    var older = table(("web", []))
    stores.adopt(older, after: .empty)
    #expect(stores.failfastDeadline(stores.cluster(of: 0, older), now_ns: 0) == Failfast.timeout_ns)
    var now_ns: UInt64 = 0
    while now_ns < Failfast.timeout_ns {
      now_ns += Failfast.timeout_ns / 10
      let newer = table(("api", [UInt32(truncatingIfNeeded: now_ns)]), ("web", []))
      stores.adopt(newer, after: older, now_ns: now_ns)
      older = newer
    }
    let web = stores.cluster(of: 1, older, now_ns: now_ns)
    #expect(stores.failfastDeadline(web, now_ns: now_ns) == now_ns, "requests are answered at once")
  }

  @Test("Where the numbers are the same, a change of endpoints finds each cluster by its number")
  func sameNumbers() {
    let before = table(("db", [9]), ("web", [1, 2]))
    stores.adopt(before, after: .empty)
    for port in 0...1 { _ = stores.cluster(of: port, before) }
    stores.adopt(table(("db", [9]), ("web", [2])), after: nil)
    #expect(stores.ports == [0, 1])
    #expect(stores.members == [[address(9)], [address(2)]])
    #expect(stores.targetCount == 2)
  }
}
