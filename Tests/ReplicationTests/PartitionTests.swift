import Testing

@testable import Replication

@Suite("Hosts that die or are cut off")
struct PartitionTests {
  private func mesh(_ seed: UInt64, hosts: Int = 20) throws -> SimulatedMesh {
    var mesh = SimulatedMesh(hosts: hosts, seed: seed)
    mesh.run(for: 7_000)
    for index in 0..<hosts { try mesh.write(index, [.endpoint(index % 5, index), .document(index, "first")]) }
    mesh.run(for: 4_000)
    mesh.expectSound()
    return mesh
  }

  @Test("the endpoints of a dead host leave everywhere within 10 s, its documents stay, and all come back with it")
  func death() throws {
    var mesh = try mesh(1)
    mesh.crash(7)
    mesh.run(for: 10_000)
    for host in mesh.hosts where host.owner != .host(7) {
      #expect(host.catalogue.endpoints(.service(2)).map(\.owner).sorted() == [2, 12, 17].map { .host($0) }.sorted())
      #expect(host.catalogue.document(.policy(7))?.winner.owner == .host(7))
    }
    mesh.start(7)
    mesh.run(for: 10_000)
    for host in mesh.hosts { #expect(host.catalogue.endpoints(.service(2)).count == 4) }
    mesh.expectSound()
  }

  @Test("both sides of a cut go on writing and heal within seconds without losing a write", arguments: 2...6)
  func heal(_ seed: UInt64) throws {
    var mesh = try mesh(seed)
    mesh.partition { $0 < 8 ? 0 : 1 }
    for round in 0..<10 {
      for index in 0..<20 {
        try mesh.write(index, [.endpoint(index % 5, index + round), .document(100 + index, "\(round)")])
      }
      try mesh.write(round % 8, [.document(0, "left \(round)")])
      try mesh.write(8 + round, [.document(0, "right \(round)")])
      mesh.run(for: 2_000)
    }
    #expect(mesh.hosts[0].catalogue.endpoints(.service(0)).map(\.owner).sorted() == [.host(0), .host(5)].sorted())
    mesh.partition { _ in 0 }
    mesh.run(for: mesh.network.detection_ms * 3 / 2)
    let time_ms = mesh.converge(within: 5_000)
    #expect(time_ms != nil)
    mesh.expectSound()
    for host in mesh.hosts {
      let document = try #require(host.catalogue.document(.policy(0)))
      let shown = ([document.winner] + document.conflicts).compactMap(\.record.content)
      #expect(shown.contains(Array("left 9".utf8)) && shown.contains(Array("right 9".utf8)))
    }
  }

  @Test("half of all messages lost only makes it slower")
  func heavyLoss() throws {
    var mesh = try mesh(7)
    mesh.network.lossPerMille = 500
    mesh.network.duplicationPerMille = 200
    for index in 0..<20 { try mesh.write(index, [.endpoint(index % 5, 99), .document(0, "\(index)")]) }
    let time_ms = mesh.converge(within: 60_000)
    #expect(time_ms != nil)
    mesh.expectSound()
  }

  @Test("a host that is gone for a day is forgotten everywhere if it left no document, and not learnt of again")
  func forgotten() throws {
    var mesh = SimulatedMesh(hosts: 5, seed: 8)
    mesh.run(for: 7_000)
    for index in 0..<5 { try mesh.write(index, [.endpoint(index, 1)]) }
    try mesh.write(3, [.document(1, "stays")])
    mesh.run(for: 3_000)
    mesh.crash(3)
    mesh.crash(4)
    mesh.run(for: 10_000)
    mesh.skip(ReplicationLimits.deadOwnerRetention_ms - 100_000)
    mesh.run(for: 30_000)
    #expect(mesh.hosts[0].replica?.store[.host(4)] != nil)
    mesh.run(for: 240_000)
    for index in 0..<3 {
      #expect(mesh.hosts[index].replica?.store[.host(4)] == nil)
      #expect(mesh.hosts[index].replica?.store[.host(3)] != nil)
      #expect(mesh.hosts[index].disk.stored.count == 4)
    }
    mesh.start(4)
    mesh.run(for: 10_000)
    mesh.expectSound()
    for index in 0..<3 { #expect(mesh.hosts[index].replica?.store[.host(4)] != nil) }
  }
}
