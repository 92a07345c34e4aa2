import Testing

@testable import Replication

@Suite("Old records and wrong clocks")
struct UpkeepTests {
  private static let hour_ms: UInt64 = 3_600_000

  private func mesh(_ seed: UInt64) -> SimulatedMesh {
    var mesh = SimulatedMesh(hosts: 5, seed: seed)
    mesh.run(for: 7_000)
    return mesh
  }

  @Test("tombstones of endpoints are dropped after ten minutes, and who slept through it still learns of the deletion")
  func tombstones() throws {
    var mesh = mesh(1)
    try mesh.write(0, [.endpoint(1, 1), .endpoint(2, 1)])
    mesh.run(for: 3_000)
    mesh.crash(4)
    try mesh.write(0, [Write(.service(1), .bound, nil)])
    mesh.run(for: 3_000)
    #expect(mesh.hosts[1].replica?.store[.host(0)]?.records.count == 2)
    mesh.skip(ReplicationLimits.boundRetention_ms)
    mesh.run(for: 200_000)
    for index in 0..<4 {
      #expect(mesh.hosts[index].replica?.store[.host(0)]?.entries.map(\.record.key) == [.service(2)])
    }
    mesh.start(4)
    mesh.run(for: 10_000)
    mesh.expectSound()
    #expect(mesh.hosts[4].catalogue.endpoints(.service(1)).isEmpty)
    #expect(mesh.refusals[.incomplete] == nil)
  }

  @Test("a deleted document stays deleted after all tombstones are gone")
  func deletedDocument() throws {
    var mesh = mesh(2)
    try mesh.write(0, [.document(1, "old"), .document(2, "kept")])
    mesh.run(for: 3_000)
    try mesh.write(1, [.document(1, nil), .document(3, "kept")])
    mesh.run(for: 3_000)
    try mesh.write(1, [.document(3, nil)])
    for hours in [24, 47, 3, 24, 24, 24] as [UInt64] {
      mesh.skip(hours * Self.hour_ms)
      mesh.run(for: 200_000)
      mesh.expectSound("\(hours) h later")
      for host in mesh.hosts {
        #expect(host.catalogue.document(.policy(1))?.winner.record.isTombstone ?? true)
      }
    }
    for host in mesh.hosts { #expect(host.catalogue.documentKeys == [.policy(2)]) }
    #expect(mesh.hosts.allSatisfy { $0.disk.stored.reduce(0) { $0 + $1.records.count } == 1 })
  }

  @Test("a deletion that hides a dead host's document stays, and holds up no later one")
  func hidingTombstone() throws {
    var mesh = mesh(6)
    try mesh.write(0, [.document(1, "of a host that dies")])
    mesh.run(for: 3_000)
    try mesh.write(1, [.document(1, nil), .document(2, "short-lived")])
    try mesh.write(1, [.document(2, nil)])
    mesh.run(for: 3_000)
    mesh.crash(0)
    mesh.skip(ReplicationLimits.tombstoneRetention_ms)
    mesh.run(for: 200_000)
    mesh.expectSound()
    for host in mesh.hosts where host.replica != nil {
      #expect(host.catalogue.documentKeys == [.policy(1)])
      #expect(host.catalogue.document(.policy(1))?.winner.record.isTombstone == true)
    }
  }

  @Test("a document that another host replaced is emptied after three days; one that lost a conflict is kept")
  func withdrawn() throws {
    var mesh = mesh(3)
    try mesh.write(0, [.document(1, "replaced")])
    mesh.run(for: 3_000)
    try mesh.write(1, [.document(1, "in force")])
    mesh.network.lossPerMille = 1_000
    try mesh.write(2, [.document(2, "one")])
    try mesh.write(3, [.document(2, "other")])
    mesh.network.lossPerMille = 10
    mesh.run(for: 5_000)
    mesh.skip(ReplicationLimits.lastingRetention_ms)
    mesh.run(for: 200_000)
    mesh.expectSound()
    for host in mesh.hosts {
      #expect(host.replica?.store[.host(0)]?[.policy(1)]?.record.content == nil)
      #expect(host.catalogue.document(.policy(1))?.winner.record.content == Array("in force".utf8))
      #expect(host.catalogue.document(.policy(2))?.conflicts.count == 1)
    }
  }

  @Test("clocks a day fast and a day slow lose nothing, neither while they are wrong nor when they are put right")
  func wrongByADay() throws {
    var mesh = mesh(4)
    for errors in [[86_400_000, -86_400_000], [-86_400_000, 86_400_000], [0, 0]] as [[Int64]] {
      (mesh.hosts[0].clockError_ms, mesh.hosts[1].clockError_ms) = (errors[0], errors[1])
      for index in 0..<5 {
        try mesh.write(index, [.document(1, "\(errors) \(index)"), .document(10 + index, "\(errors)")])
        mesh.run(for: 2_000)
        #expect(
          mesh.hosts[4].catalogue.document(.policy(1))?.winner.record.content == Array("\(errors) \(index)".utf8)
        )
      }
      mesh.expectSound()
    }
    #expect(mesh.refusals[.clockAhead] == nil)
  }

  @Test("what a clock ten days fast has stamped is refused with the reason, and taken once that clock is right")
  func wrongByTenDays() throws {
    var mesh = mesh(5)
    mesh.hosts[0].clockError_ms = 10 * 86_400_000
    try mesh.write(0, [.document(1, "too early"), .endpoint(1, 1)])
    mesh.run(for: 5_000)
    #expect(!mesh.isConverged)
    #expect(
      mesh.hosts[1].refusals.contains {
        if case .clockAhead(let owner, let by_ms) = $0 { owner == .host(0) && by_ms > 9 * 86_400_000 } else { false }
      }
    )
    mesh.hosts[0].clockError_ms = 0
    mesh.run(for: 2 * ReplicationLimits.upkeepInterval_ms)
    mesh.expectSound()
    #expect(mesh.hosts[1].catalogue.document(.policy(1))?.winner.owner == .host(0))
  }

  @Test("a set under one version with two contents comes to one of them everywhere, and is counted")
  func forked() throws {
    var bench = Bench(.host(0), .host(1), .host(2))
    let before = bench.replicas[0]
    _ = try bench.write(0, .document(1, "one"))
    bench.exchange(1, 0)
    bench.replicas[0] = before
    _ = try bench.write(0, .document(1, "two"))
    bench.exchange(2, 0)
    bench.exchange(1, 2)
    #expect(bench.replicas[1].store.buckets == bench.replicas[2].store.buckets)
    let counts = bench.replicas.map { $0.counters.refused[.forked] ?? 0 }
    #expect(counts.reduce(0, +) == 1)
  }
}
