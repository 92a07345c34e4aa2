import Testing

@testable import Replication

@Suite("Hosts that come back")
struct RecoveringTests {
  private func mesh(_ seed: UInt64) throws -> SimulatedMesh {
    var mesh = SimulatedMesh(hosts: 6, seed: seed)
    mesh.run(for: 7_000)
    for index in 0..<6 { try mesh.write(index, [.endpoint(index, 1), .document(index, "first")]) }
    mesh.run(for: 3_000)
    mesh.expectSound()
    return mesh
  }

  @Test("with their disk say nothing new, and go on in a new epoch with the next write")
  func restart() throws {
    var mesh = try mesh(1)
    let before = try #require(mesh.hosts[2].replica?.store[.host(2)]?.head)
    mesh.crash(2)
    mesh.run(for: 1_000)
    mesh.start(2)
    #expect(mesh.hosts[2].replica?.store[.host(2)]?.head == before)
    try mesh.write(2, [.document(2, "second")])
    mesh.run(for: 10_000)
    let after = try #require(mesh.hosts[0].replica?.store[.host(2)]?.head)
    #expect(after.last.epoch > before.last.epoch && after.last.sequence == 1)
    mesh.expectSound()
  }

  @Test("after a crash between disk and network have kept the write, and the others get it")
  func crashBeforeSending() throws {
    var mesh = try mesh(2)
    mesh.crashesAfterPersistPerMille = 1_000
    try mesh.write(2, [.document(2, "durable, not sent")])
    mesh.crashesAfterPersistPerMille = 0
    #expect(mesh.hosts[2].replica == nil)
    mesh.run(for: 1_000)
    mesh.start(2)
    mesh.run(for: 10_000)
    for host in mesh.hosts {
      #expect(host.catalogue.document(.policy(2))?.winner.record.content == Array("durable, not sent".utf8))
    }
    mesh.expectSound()
  }

  @Test("without their disk get their own writes back, and what they write meanwhile is not stuck", arguments: 3...8)
  func lostDisk(_ seed: UInt64) throws {
    var mesh = try mesh(seed)
    mesh.crash(2, losingDisk: true)
    mesh.run(for: 10_000)
    if seed % 2 == 0 { mesh.hosts[2].clockError_ms = -86_400_000 }
    mesh.start(2)
    try mesh.write(2, [.endpoint(2, 2), .document(20, "before it knew")])
    mesh.run(for: 12_000)
    for host in mesh.hosts {
      #expect(host.catalogue.document(.policy(2))?.winner.record.content == Array("first".utf8))
      #expect(host.catalogue.document(.policy(20))?.winner.owner == .host(2))
      #expect(host.catalogue.endpoints(.service(2)).map(\.record.content) == [Write.endpoint(2, 2).content])
    }
    #expect(mesh.hosts[2].replica?.counters.recovered == 1)
    mesh.expectSound()
  }

  @Test("with a disk put back to an older state do not sign two things under one version")
  func restoredDisk() throws {
    var mesh = try mesh(9)
    let backup = mesh.hosts[2].disk
    try mesh.write(2, [.document(2, "second"), .document(21, "after the backup")])
    mesh.run(for: 3_000)
    mesh.crash(2)
    mesh.hosts[2].disk = backup
    mesh.start(2)
    try mesh.write(2, [.document(22, "after the restore")])
    mesh.run(for: 12_000)
    for host in mesh.hosts {
      #expect(host.catalogue.document(.policy(2))?.winner.record.content == Array("second".utf8))
      #expect(host.catalogue.document(.policy(21)) != nil && host.catalogue.document(.policy(22)) != nil)
    }
    #expect(mesh.refusals[.forked] == nil)
    mesh.expectSound()
  }

  @Test("a set that is damaged on disk is left out at the start, and fetched again")
  func damagedDisk() throws {
    var mesh = try mesh(10)
    mesh.crash(2)
    var stored = mesh.hosts[2].disk.stored
    stored[0] = StoredOwner(head: stored[0].head, credential: stored[0].credential, records: [])
    stored[2] = StoredOwner(
      head: stored[2].head,
      credential: stored[2].credential,
      records: stored[2].records.map { $0.with(content: [1]) }
    )
    let replica = Bench.replica(.host(2), stored: stored, now: mesh.moment(2))
    #expect(replica.store.count == 4)
    mesh.start(2)
    mesh.run(for: 10_000)
    mesh.expectSound()
  }
}
