import Testing

@testable import Replication

@Suite("An owner's earlier epochs")
struct PastTests {
  private func version(_ epoch: UInt64, _ sequence: UInt64) -> Version { Version(epoch: epoch, sequence: sequence) }

  @Test("include what they had come to, no more of it, and no epoch between them")
  func includes() {
    var past = Past()
    for end in [version(9, 2), version(4, 7), version(4, 5)] { past.add(end) }
    #expect(past.ends == [version(4, 7), version(9, 2)])
    #expect(past.includes(.zero) && past.includes(version(4, 7)) && past.includes(version(9, 1)))
    #expect(!past.includes(version(4, 8)) && !past.includes(version(6, 1)) && !past.includes(version(2, 1)))
  }

  @Test("are forgotten beyond eight, and what was before is then taken for known")
  func bound() {
    var past = Past()
    for epoch in 1...10 { past.add(version(UInt64(epoch), 1)) }
    #expect(past.ends.count == ReplicationLimits.pastEpochs)
    #expect(past.includes(version(2, 9)) && !past.includes(version(3, 2)))
    #expect(Past(past.ends) == past)
    #expect(Past(past.ends + [version(11, 1)]) == nil && Past([version(2, 1), version(2, 2)]) == nil)
  }

  @Test("that ended on a lost disk come back even if the host starts twice before it hears of them")
  func twoStarts() throws {
    var bench = Bench(.host(0), .host(1))
    var disk = SimulatedDisk()
    func keep(_ directives: [Directive]) {
      for case .persist(let batch) in directives { disk.apply(batch) }
    }
    keep(try bench.write(0, .document(1, "before the backup")))
    let backup = disk
    keep(try bench.write(0, .document(2, "after the backup")))
    bench.exchange(1, 0)

    disk = backup
    for text in ["after the first start", "after the second"] {
      bench.replicas[0] = Bench.replica(.host(0), stored: disk.stored, now: bench.now)
      _ = bench.replicas[0].memberUp(.host(1))
      keep(try bench.write(0, .document(3, text)))
    }
    bench.exchange(1, 0)
    for replica in bench.replicas {
      #expect(replica.document(.policy(2))?.winner.record.content == Array("after the backup".utf8))
      #expect(replica.document(.policy(3))?.winner.record.content == Array("after the second".utf8))
    }
    #expect(bench.replicas[0].store.buckets == bench.replicas[1].store.buckets)
  }
}
