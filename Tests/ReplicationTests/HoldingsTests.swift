import Testing

@testable import Replication

@Suite("What a replica holds of others")
struct HoldingsTests {
  @Test("is forgotten on demand of who is dead and left no documents, and of nobody else")
  func forgotten() throws {
    var bench = Bench(.host(0), .host(1), .host(2), .host(3))
    for (index, write) in [Write.endpoint(1, 1), .document(2, "kept"), .endpoint(3, 1)].enumerated() {
      bench.deliver(try bench.write(index + 1, write), from: index + 1)
      bench.exchange(0, index + 1)
    }
    let now = bench.now
    let held = { (replica: Replica) in (0..<4).filter { replica.holding(of: .host($0)) != nil } }
    _ = try bench.write(0, .endpoint(4, 1))
    #expect(held(bench.replicas[0]) == [0, 1, 2, 3])
    for index in [1, 2] { _ = bench.replicas[0].memberDown(.host(index), now: now) }
    // Itself, one that is alive, one that left a document, and one that nobody knows.
    for index in [0, 3, 2, 9] { #expect(bench.replicas[0].forget(.host(index)) == []) }
    #expect(held(bench.replicas[0]) == [0, 1, 2, 3])
    #expect(bench.replicas[0].forget(.host(1)).isApplying)
    #expect(held(bench.replicas[0]) == [0, 2, 3] && bench.replicas[0].counters.forgotten == 1)
  }

  @Test("is forgotten once its owner has been dead for a day, but for documents, which outlive their writers")
  func dead() throws {
    var bench = Bench(.host(0), .host(1), .host(2))
    bench.deliver(try bench.write(1, .endpoint(1, 1)), from: 1)
    bench.deliver(try bench.write(2, .document(2, "kept")), from: 2)
    for index in [1, 2] {
      bench.exchange(0, index)
      let now = bench.now
      _ = bench.replicas[0].memberDown(.host(index), now: now)
    }
    func isHeld(_ index: Int) -> Bool { bench.replicas[0].holding(of: .host(index)) != nil }
    bench.now.monotonic_ms += ReplicationLimits.deadOwnerRetention_ms - 1
    var now = bench.now
    _ = bench.replicas[0].tick(now)
    #expect(isHeld(1) && isHeld(2))
    bench.now.monotonic_ms += 2 * ReplicationLimits.upkeepInterval_ms
    now = bench.now
    _ = bench.replicas[0].tick(now)
    #expect(!isHeld(1) && isHeld(2))
    #expect(bench.replicas[0].document(.policy(2))?.winner.record.content == Array("kept".utf8))
  }

  @Test("replaces what its writer had seen of another's document, and conflicts with what that one wrote since")
  func replaced() throws {
    let key = RecordKey.policy(1)
    func record(_ text: String, at wall_ms: UInt64, replaces: [Mark] = []) -> Record {
      Record(
        key: key,
        version: Version(epoch: 1, sequence: 1),
        stamp: Stamp(wall_ms: wall_ms),
        lifetime: .lasting,
        replaces: replaces,
        content: Array(text.utf8),
        signature: []
      )
    }
    for (seen_ms, conflicts) in [(3, 1), (4, 0), (5, 0)] as [(UInt64, Int)] {
      var documents = Documents()
      documents.apply(.put(.host(1), record("theirs", at: 4)))
      let mark = Mark(owner: .host(1), stamp: Stamp(wall_ms: seen_ms))
      documents.apply(.put(.host(2), record("ours", at: 6, replaces: [mark])))
      let document = try #require(documents[key])
      #expect(document.winner.owner == .host(2) && document.conflicts.count == conflicts, "\(seen_ms)")
    }
  }
}
