import Testing

@testable import Replication

@Suite("Local writes")
struct WritingTests {
  private let owner = OwnerID.host(0)

  @Test("are durable before they are acknowledged, shown, or sent to anyone")
  func order() throws {
    var bench = Bench(owner, .host(1), .host(2))
    let directives = try bench.write(0, .endpoint(1, 1), .document(1, "allow"))
    let kinds = directives.map { directive in
      switch directive {
      case .persist: "persist"
      case .acknowledged: "acknowledged"
      case .applied: "applied"
      case .send: "send"
      case .refused, .nameConflict: "other"
      }
    }
    #expect(kinds == ["persist", "acknowledged", "applied", "send", "send"])
  }

  @Test("that could not be made durable are undone by putting back the value of before, and nobody knows")
  func undone() throws {
    var bench = Bench(owner, .host(1))
    _ = try bench.write(0, .document(1, "one"))
    let before = bench.replicas[0]
    _ = try bench.write(0, .document(1, "two"))
    bench.replicas[0] = before
    let directives = try bench.write(0, .document(1, "three"))
    bench.exchange(1, 0)
    #expect(directives.announcement?.section.records.first?.version.sequence == 2)
    #expect(bench.replicas[1].document(.policy(1))?.winner.record.content == Array("three".utf8))
  }

  @Test("of what is so already change nothing and are acknowledged")
  func repeated() throws {
    var bench = Bench(owner, .host(1))
    _ = try bench.write(0, .endpoint(1, 1), .document(1, "allow"))
    let last = try #require(bench.replicas[0].store[owner]?.head.last)
    #expect(try bench.write(0, .endpoint(1, 1), .document(1, "allow")) == [.acknowledged(last)])
    #expect(try bench.write(0, .document(9, nil), Write(.service(9), .bound, nil)) == [.acknowledged(last)])
    bench.exchange(1, 0)
    let other = try bench.write(1, .document(1, "allow"))
    #expect(other == [.acknowledged(.zero)])
  }

  @Test("go on under another credential of the same key, which reaches all who have the writes, at first hand or not")
  func readmitted() throws {
    var bench = Bench(owner, .host(1), .host(2))
    _ = try bench.write(0, .document(1, "allow"))
    bench.exchange(1, 0)
    bench.exchange(2, 1)
    let later = SimulatedKeyring.later(of: owner)
    let directives = try bench.replicas[0].readmit(credential: later, now: bench.now)
    #expect(directives.announcement?.section.credential == later)
    bench.deliver(directives, from: 0)
    bench.exchange(2, 1)
    for replica in bench.replicas {
      #expect(replica.store[owner]?.credential == later)
      #expect(replica.document(.policy(1))?.winner.record.content == Array("allow".utf8))
    }
    #expect(try bench.replicas[0].readmit(credential: later, now: bench.now).isEmpty)
  }

  @Test("beyond a bound are refused whole")
  func refused() throws {
    var bench = Bench(owner, .host(1))
    let long = [UInt8](repeating: 0, count: ReplicationLimits.contentBytes + 1)
    let sound = Write.document(1, "sound")
    let nameless = RecordKey(kind: .policy, namespace: "", name: "")
    let bad: [(Write, WriteRefusal)] = [
      (Write(.policy(2), .lasting, long), .contentTooLarge(.policy(2))),
      (Write(nameless, .lasting, []), .invalidKey(nameless)),
      (sound, .duplicateKey(.policy(1))),
    ]
    for (write, refusal) in bad {
      #expect(throws: refusal) { try bench.write(0, sound, write) }
    }
    let many = (0...ReplicationLimits.batchWrites).map { Write.document($0, "") }
    #expect(throws: WriteRefusal.tooManyWrites) { try bench.replicas[0].write(many, now: bench.now) }
    #expect(bench.replicas[0].store[owner] == nil)

    let batch = ReplicationLimits.batchWrites
    for first in stride(from: 0, to: ReplicationLimits.ownerRecords, by: batch) {
      _ = try bench.replicas[0].write((0..<batch).map { .endpoint(first + $0, 1) }, now: bench.now)
    }
    #expect(throws: WriteRefusal.tooManyRecords) {
      try bench.write(0, .endpoint(ReplicationLimits.ownerRecords, 1))
    }
    #expect(throws: Never.self) { try bench.write(0, .endpoint(1, 2)) }
  }

  @Test("win over all that their writer had seen, even from a clock a day behind")
  func slowClock() throws {
    var bench = Bench(owner, .host(1))
    bench.now.wall_ms += 86_400_000
    _ = try bench.write(1, .document(1, "seen"))
    bench.now.wall_ms -= 2 * 86_400_000
    bench.exchange(0, 1)
    _ = try bench.write(0, .document(1, "later"))
    bench.exchange(1, 0)
    for replica in bench.replicas {
      let document = try #require(replica.document(.policy(1)))
      #expect(document.winner.record.content == Array("later".utf8))
      #expect(document.conflicts.isEmpty)
    }
  }

  @Test("of one document at the same time come to one winner everywhere, and the other is shown as a conflict")
  func conflict() throws {
    var bench = Bench(owner, .host(1), .host(2))
    for index in 0...2 { _ = try bench.write(index, .document(1, "from \(index)")) }
    bench.deliver(try bench.write(0, .document(2, nil)), from: 0)
    for (one, other) in [(0, 1), (1, 2), (2, 0), (0, 1)] { bench.exchange(one, other) }
    let document = try #require(bench.replicas[0].document(.policy(1)))
    #expect(document.conflicts.count == 2)
    for replica in bench.replicas { #expect(replica.document(.policy(1)) == document) }

    _ = try bench.write(2, .document(1, "settled"))
    for (one, other) in [(0, 2), (1, 2)] { bench.exchange(one, other) }
    for replica in bench.replicas {
      let settled = try #require(replica.document(.policy(1)))
      #expect(settled.winner.record.content == Array("settled".utf8) && settled.conflicts.isEmpty)
    }
  }
}
