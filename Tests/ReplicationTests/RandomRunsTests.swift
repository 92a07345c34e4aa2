import Testing

@testable import Replication

@Suite("Random runs of ten hosts")
struct RandomRunsTests {
  /// Writes, deletions, crashes, also between disk and network, lost and restored disks, partitions and wrong clocks; loss,
  /// duplicates and disorder all the while.
  struct Run {
    var mesh: SimulatedMesh
    var random: Randomness
    var generation = 0
    var backups: [Int: SimulatedDisk] = [:]

    init(seed: UInt64, losesDisks: Bool) {
      var network = SimulatedNetwork()
      network.lossPerMille = 50
      network.duplicationPerMille = 50
      network.detection_ms = 1_000
      mesh = SimulatedMesh(hosts: 10, seed: seed, network: network)
      mesh.crashesAfterPersistPerMille = 5
      random = Randomness(seed: seed ^ 0x5eed)
      mesh.run(for: 3_000)
      for _ in 0..<80 { step(losesDisks) }
      settle()
    }

    private mutating func pick(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }

    private mutating func step(_ losesDisks: Bool) {
      let host = pick(mesh.hosts.count)
      generation += 1
      if pick(3) == 0 { backups[host] = mesh.hosts[host].disk }
      switch pick(12) {
      case 0: if losesDisks { loseDisk(host) } else { mesh.crash(host) }
      case 1: mesh.crash(host)
      case 2: mesh.partition { _ in 0 }
      case 3:
        let cut = 1 + pick(mesh.hosts.count - 1)
        mesh.partition { $0 < cut ? 0 : 1 }
      case 4:
        mesh.hosts[host].clockError_ms = [0, 86_400_000, -86_400_000][pick(3)]
      case 5, 6: write(host, .document(pick(3), pick(4) == 0 ? nil : "written \(generation)"))
      case 7, 8: write(host, .document(5 + pick(20), "written \(generation)"))
      default: write(host, pick(4) == 0 ? Write(.service(pick(8)), .bound, nil) : .endpoint(pick(8), generation))
      }
      let down = mesh.hosts.indices.filter { mesh.hosts[$0].replica == nil }
      if let one = down.first, pick(2) == 0 { mesh.start(one) }
      mesh.run(for: UInt64(pick(1_500)))
    }

    private mutating func write(_ host: Int, _ write: Write) {
      #expect(throws: Never.self) { try mesh.write(host, [write]) }
    }

    /// Only what has reached another host can come back, so a disk is lost when all have all. Half of them are put
    /// back to an older state.
    private mutating func loseDisk(_ host: Int) {
      settle()
      mesh.crash(host, losingDisk: true)
      if pick(2) == 0 { mesh.hosts[host].disk = backups[host] ?? SimulatedDisk() }
    }

    mutating func settle() {
      mesh.partition { _ in 0 }
      let crashes = mesh.crashesAfterPersistPerMille
      mesh.crashesAfterPersistPerMille = 0
      for index in mesh.hosts.indices where mesh.hosts[index].replica == nil { mesh.start(index) }
      mesh.run(for: 3_000)
      let time_ms = mesh.converge(within: 20_000)
      #expect(time_ms != nil)
      mesh.crashesAfterPersistPerMille = crashes
    }
  }

  @Test("end with all hosts agreed and no acknowledged write lost", arguments: 1...30)
  func runs(_ seed: UInt64) {
    Run(seed: seed, losesDisks: false).mesh.expectSound("seed \(seed)")
  }

  @Test("lose nothing either when hosts lose their disks", arguments: 101...130)
  func lostDisks(_ seed: UInt64) {
    Run(seed: seed, losesDisks: true).mesh.expectSound("seed \(seed)")
  }

  @Test("depend on nothing but their seed")
  func replay() {
    let runs = [Run(seed: 7, losesDisks: true), Run(seed: 7, losesDisks: true)]
    #expect(runs[0].mesh.traffic.bytes == runs[1].mesh.traffic.bytes)
    #expect(runs[0].mesh.hosts.map(\.refusals) == runs[1].mesh.hosts.map(\.refusals))
  }
}
