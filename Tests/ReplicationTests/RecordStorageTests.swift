import Testing

@testable import Replication

@Suite("Records and heads as they are written down")
struct RecordStorageTests {
  /// An owner's head and records with all there can be in them: documents seen from others, a tombstone, two starts.
  static let set: Batch? = {
    var bench = Bench(.host(0), .host(1))
    let now = bench.now
    _ = try? bench.replicas[1].write([.document(1, "other")], now: now)
    bench.exchange(0, 1)
    var puts: [Record] = []
    var state: Batch.State?
    for write in [Write.endpoint(1, 1), .document(1, "text"), .document(2, "é"), .document(2, nil)] {
      for case .persist(let batch) in (try? bench.write(0, write)) ?? [] {
        puts += batch.puts
        state = batch.state
      }
    }
    return Batch(owner: .host(0), state: state, puts: puts, removes: [])
  }()

  private func samples() throws -> (head: Head, records: [Record]) {
    let set = try #require(Self.set)
    return (try #require(set.state?.head), set.puts)
  }

  @Test("come back as they were")
  func roundTrip() throws {
    let (head, records) = try samples()
    #expect(records.count == 4 && records.contains { $0.isTombstone } && records.contains { !$0.replaces.isEmpty })
    for record in records { #expect(try Record(decoding: record.encoded()) == record) }
    #expect(try Head(decoding: head.encoded()) == head)
    var restarted = Past()
    restarted.add(Version(epoch: 3, sequence: 9))
    let second = Head(
      owner: head.owner,
      last: head.last,
      past: restarted,
      floor: head.floor,
      count: head.count,
      digest: head.digest,
      signature: head.signature
    )
    #expect(try Head(decoding: second.encoded()) == second)
    #expect(KeyFingerprint(head.owner.key.bytes) == head.owner.key)
  }

  @Test("are refused when cut short or followed by anything")
  func length() throws {
    let (head, records) = try samples()
    for bytes in records.map({ $0.encoded() }) {
      for count in 0..<bytes.count {
        #expect(throws: CodecError.self) { try Record(decoding: Array(bytes[..<count])) }
      }
      #expect(throws: CodecError.trailingBytes) { try Record(decoding: bytes + [0]) }
    }
    let bytes = head.encoded()
    for count in 0..<bytes.count {
      #expect(throws: CodecError.self) { try Head(decoding: Array(bytes[..<count])) }
    }
    #expect(throws: CodecError.trailingBytes) { try Head(decoding: bytes + [0]) }
  }

  @Test("that are damaged are refused or read as something with that very encoding: 5,000 seeded mutations")
  func mutations() throws {
    let records = try samples().records.map { $0.encoded() }
    var random = Randomness(seed: 20_261_126)
    var refused = 0
    for round in 0..<5_000 {
      var bytes = records[round % records.count]
      let index = Int(random.next() % UInt64(bytes.count))
      bytes[index] ^= UInt8(truncatingIfNeeded: random.next() | 1)
      do {
        let again = try Record(decoding: bytes).encoded()
        if again != bytes { Issue.record("round \(round): another encoding of the same") }
      } catch {
        refused += 1
      }
    }
    #expect(refused > 100 && refused < 5_000)
  }
}
