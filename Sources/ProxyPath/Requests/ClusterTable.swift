internal import Balancing
internal import MeshModel
internal import Policy

/// One port of a service as a worker balances it.
struct Cluster {
  /// By its index in the table in force.
  var port: Int32
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

  /// Takes a new table into use. A service that it still has keeps its cluster, with all that was learned of the endpoints
  /// that it keeps: endpoints come and go all day, and whoever fails is not to be tried again by every change elsewhere.
  ///
  /// `older` is the table that numbered the clusters' ports, nil where this one numbers them alike.
  mutating func adopt(
    _ table: RequestTable,
    after older: RequestTable?,
    _ targets: inout TargetTable,
    now_ns: UInt64
  ) {
    byPort = Array(repeating: -1, count: table.ports.count)
    var kept: [Cluster] = []
    kept.reserveCapacity(clusters.count)
    for var cluster in clusters {
      guard let port = Self.port(of: cluster, in: table, after: older), byPort[port] < 0 else {
        for target in cluster.targets { targets.dismiss(target) }
        continue
      }
      cluster.port = Int32(port)
      Self.refresh(&cluster, table.ports[port], targets.way(table.security(of: port)), &targets, now_ns)
      byPort[port] = Int32(kept.count)
      kept.append(cluster)
    }
    clusters = kept
  }

  private static func port(of cluster: Cluster, in table: RequestTable, after older: RequestTable?) -> Int? {
    guard let older else { return Int(cluster.port) }
    let known = older.ports[Int(cluster.port)]
    return table.port(namespace: known.namespace, service: known.service, port: known.port)
  }

  /// Gives a cluster the endpoints that are ready now. One that has them already stays as it is.
  private static func refresh(
    _ cluster: inout Cluster,
    _ service: ServicePort,
    _ way: TargetWay,
    _ targets: inout TargetTable,
    _ now_ns: UInt64
  ) {
    let algorithm = BalancingAlgorithm(service.balancing)
    let isSame = cluster.balancer.algorithm == algorithm && hasMembers(cluster, service, way, targets)
    guard !isSame else { return }
    // The new ones first, so that who is in both is not forgotten in between.
    let members = retainMembers(of: service, way, &targets, now_ns)
    for target in cluster.targets { targets.dismiss(target) }
    cluster.targets = members
    cluster.balancer = Balancer(algorithm)
  }

  private static func hasMembers(
    _ cluster: Cluster,
    _ service: ServicePort,
    _ way: TargetWay,
    _ targets: borrowing TargetTable
  ) -> Bool {
    var index = 0
    for endpoint in service.endpoints where endpoint.isReady {
      guard index < cluster.targets.count, targets[cluster.targets[index]].address == endpoint.address,
        targets[cluster.targets[index]].way == way, targets.peer(of: cluster.targets[index]) == way.peer(of: endpoint),
        targets[cluster.targets[index]].speaksHTTP2 == service.appProtocol.isHTTP2
      else { return false }
      index += 1
    }
    return index == cluster.targets.count
  }

  private static func retainMembers(
    of service: ServicePort,
    _ way: TargetWay,
    _ targets: inout TargetTable,
    _ now_ns: UInt64
  ) -> [UInt32] {
    var members: [UInt32] = []
    for endpoint in service.endpoints where endpoint.isReady {
      members.append(targets.enlist(endpoint, way, speaksHTTP2: service.appProtocol.isHTTP2, now_ns: now_ns))
    }
    return members
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
    let way = targets.way(table.security(of: port))
    byPort[port] = Int32(clusters.count)
    clusters.append(
      Cluster(
        port: Int32(port),
        targets: Self.retainMembers(of: service, way, &targets, now_ns),
        balancer: Balancer(BalancingAlgorithm(service.balancing))
      )
    )
    return clusters.count - 1
  }

  /// Until when requests may wait for an endpoint of a cluster that has none that may be asked.
  mutating func failfastDeadline(_ index: Int, now_ns: UInt64) -> UInt64 {
    clusters[index].failfast.noteUnavailable(now_ns: now_ns)
    return clusters[index].failfast.isFailing(now_ns: now_ns) ? now_ns : now_ns &+ Failfast.timeout_ns
  }

  /// Chooses an endpoint, none of those that were tried where there is another; nil where none may be asked.
  mutating func pick(
    _ index: Int,
    _ targets: inout TargetTable,
    _ random: inout FastRandom,
    now_ns: UInt64,
    excluding tried: TriedTargets = TriedTargets()
  ) -> UInt32? {
    let picked = clusters[index].targets.withUnsafeBufferPointer { members -> Int?? in
      targets.withEntries { entries -> Int? in
        let view = ClusterView(members: members, entries: entries, now_ns: now_ns)
        var balancer = clusters[index].balancer
        defer { clusters[index].balancer = balancer }
        guard let last = tried.last else {
          return balancer.pick(view, &random, now_ns: now_ns)
            ?? balancer.pickLeastBad(view, &random, now_ns: now_ns)
        }
        let chosen =
          if let excluded = members.firstIndex(of: last) {
            balancer.pick(view, &random, now_ns: now_ns, excluding: excluded)
          } else {
            balancer.pick(view, &random, now_ns: now_ns)
          }
        if let chosen, !tried.contains(members[chosen]) { return chosen }
        return view.firstUntried(tried, from: Int(random.below(UInt32(members.count))))
          ?? chosen ?? balancer.pickLeastBad(view, &random, now_ns: now_ns)
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

  /// The first from a place on that is available and was not tried; nil where there is none.
  func firstUntried(_ tried: TriedTargets, from start: Int) -> Int? {
    for step in 0..<count {
      let index = (start + step) % count
      if isAvailable(index), !tried.contains(members[index]) { return index }
    }
    return nil
  }
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
