internal import Balancing
internal import MeshModel
internal import Policy

/// One port of a service as a worker balances it.
struct Cluster {
  /// Its endpoints that are ready, by their places in the worker's table; a reference is held on each.
  var targets: [UInt32]
  var balancer: Balancer
  var failfast = Failfast()
}

/// The clusters a worker has sent to, made when first used: a mesh knows many more services than a pod talks to.
struct ClusterTable: ~Copyable {
  private var byPort: [Int32] = []
  private(set) var clusters: [Cluster] = []

  init() {}

  /// Forgets all: a new table numbers ports anew. What was learned of endpoints stays with their targets as long as the
  /// caller holds a reference on them.
  mutating func removeAll(ports: Int, _ targets: inout TargetTable) {
    for cluster in clusters { for target in cluster.targets { targets.release(target) } }
    clusters.removeAll(keepingCapacity: true)
    byPort = Array(repeating: -1, count: ports)
  }

  /// The cluster of a port, by its index here.
  @inline(__always)
  mutating func cluster(of port: Int, _ table: RequestTable, _ targets: inout TargetTable, now_ns: UInt64) -> Int {
    let known = byPort[port]
    return known >= 0 ? Int(known) : make(port, table, &targets, now_ns)
  }

  private mutating func make(_ port: Int, _ table: RequestTable, _ targets: inout TargetTable, _ now_ns: UInt64) -> Int
  {
    let service = table.ports[port]
    var members: [UInt32] = []
    for endpoint in service.endpoints where endpoint.isReady {
      members.append(targets.retain(endpoint.address, now_ns: now_ns))
    }
    byPort[port] = Int32(clusters.count)
    clusters.append(Cluster(targets: members, balancer: Balancer(BalancingAlgorithm(service.balancing))))
    return clusters.count - 1
  }

  /// Until when requests may wait for an endpoint of a cluster that has none that may be asked.
  mutating func failfastDeadline(_ index: Int, now_ns: UInt64) -> UInt64 {
    clusters[index].failfast.noteUnavailable(now_ns: now_ns)
    return clusters[index].failfast.isFailing(now_ns: now_ns) ? now_ns : now_ns &+ Failfast.timeout_ns
  }

  /// Chooses an endpoint, another than `failed` where there is one; nil where none may be asked.
  mutating func pick(
    _ index: Int,
    _ targets: inout TargetTable,
    _ random: inout FastRandom,
    now_ns: UInt64,
    excluding failed: UInt32?
  ) -> UInt32? {
    let picked = clusters[index].targets.withUnsafeBufferPointer { members -> Int?? in
      targets.withEntries { entries -> Int? in
        let view = ClusterView(members: members, entries: entries, now_ns: now_ns)
        var balancer = clusters[index].balancer
        defer { clusters[index].balancer = balancer }
        let excluded = failed.flatMap { wanted in members.firstIndex(of: wanted) }
        let chosen =
          if let excluded {
            balancer.pick(view, &random, now_ns: now_ns, excluding: excluded)
          } else {
            balancer.pick(view, &random, now_ns: now_ns)
          }
        return chosen ?? balancer.pickLeastBad(view, &random, now_ns: now_ns)
      }
    }
    guard let picked = picked ?? nil else { return nil }
    clusters[index].failfast.noteAvailable()
    return clusters[index].targets[picked]
  }
}

/// A cluster's endpoints as the balancer looks at them.
struct ClusterView: LoadTable, ~Copyable {
  let members: UnsafeBufferPointer<UInt32>
  let entries: UnsafeMutablePointer<Target>
  let now_ns: UInt64

  var count: Int { members.count }
  func isAvailable(_ index: Int) -> Bool { entries[Int(members[index])].health.isAvailable(now_ns: now_ns) }
  func cost(_ index: Int, now_ns: UInt64) -> Double {
    entries[Int(members[index])].latency.cost(pending: entries[Int(members[index])].pending, now_ns: now_ns)
  }
  func pending(_ index: Int) -> UInt32 { entries[Int(members[index])].pending }
}

extension BalancingAlgorithm {
  /// What a document asks for; power of two choices on peak EWMA where none does.
  init(_ asked: TrafficPolicy.LoadBalancing?) {
    self =
      switch asked {
      case nil: .peakEWMA
      case .leastRequest: .leastRequest
      case .roundRobin: .roundRobin
      case .random: .random
      }
  }
}
