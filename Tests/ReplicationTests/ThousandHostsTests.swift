import Testing

@testable import Replication

/// When each host got to know of something.
final class Arrivals {
  var times_ms: [Int: UInt64] = [:]

  /// In order.
  var sorted_ms: [UInt64] { times_ms.values.sorted() }
}

@Suite("A thousand hosts with ten thousand services")
struct ThousandHostsTests {
  static let mesh = Result { try StandingMesh(hosts: 1_000, perHost: 10) }

  @Test("one changed endpoint reaches every host within 5 s at 1 % loss", arguments: [1, 2, 3] as [UInt64])
  func oneWrite(_ seed: UInt64) throws {
    var network = SimulatedNetwork()
    network.encodes = false
    var mesh = try Self.mesh.get().mesh(seed: seed, network: network)
    mesh.run(for: 2_000)
    let idle = mesh.traffic
    let arrivals = Arrivals()
    let start_ms = mesh.now_ms
    mesh.onApplied = { index, _, now_ms in arrivals.times_ms[index] = now_ms - start_ms }
    mesh.traffic = Traffic()
    try mesh.write(7, [.endpoint(70, 1)])
    mesh.run(for: 10_000) { arrivals.times_ms.count == 1_000 }

    let times = arrivals.sorted_ms
    #expect(times.count == 1_000)
    #expect(times.last ?? .max <= 5_000)
    let median = times.isEmpty ? 0 : times[times.count / 2]
    let late = times.isEmpty ? 0 : times[times.count * 99 / 100]
    print(
      "seed \(seed): p50 \(median) ms, p99 \(late) ms, last \(times.last ?? 0) ms;",
      "\(mesh.traffic.bytes / 1_000) B and \(Double(mesh.traffic.messages) / 1_000) messages a host;",
      "idle \(idle.bytes / 2_000) B a host and second"
    )
    #expect(Set(mesh.hosts.compactMap { $0.replica?.store.buckets }).count == 1)
  }
}

@Suite("Many changes at once")
struct BurstTests {
  private func network() -> SimulatedNetwork {
    var network = SimulatedNetwork()
    network.encodes = false
    return network
  }

  /// With a thousand hosts it takes 4.5 s of virtual time, 0.5 MB a host, and over a minute to simulate.
  @Test("a change on each of 200 hosts reaches all within 5 s")
  func burst() throws {
    var mesh = try StandingMesh(hosts: 200, perHost: 10).mesh(seed: 4, network: network())
    mesh.run(for: 1_000)
    mesh.traffic = Traffic()
    for index in 0..<200 { try mesh.write(index, [.endpoint(index * 10, 1)]) }
    let time_ms = mesh.converge(within: 5_000)
    print("burst: \(time_ms ?? 0) ms, \(mesh.traffic.bytes / 200) B and \(mesh.traffic.messages / 200) messages a host")
    #expect(time_ms != nil)
  }

  @Test("a host that joins with nothing has all within 5 s, from its peers")
  func join() throws {
    var mesh = try ThousandHostsTests.mesh.get().mesh(seed: 5, network: network())
    mesh.network.detection_ms = 1
    mesh.run(for: 1_000)
    let index = mesh.add(.host(1_000))
    mesh.traffic = Traffic()
    mesh.start(index)
    let start_ms = mesh.now_ms
    while mesh.hosts[index].replica?.store.count != 1_000, mesh.now_ms < start_ms + 10_000 { mesh.run(for: 10) }
    let time_ms = mesh.now_ms - start_ms
    print("join: \(time_ms) ms, largest message \(mesh.traffic.largestMessage) B")
    #expect(time_ms <= 5_000)
    #expect(mesh.hosts[index].replica?.store.buckets == mesh.hosts[0].replica?.store.buckets)
  }
}
