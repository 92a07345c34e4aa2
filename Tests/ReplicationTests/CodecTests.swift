import Testing

@testable import Replication

extension CodecTests {
  @Test("whose records are not in their order, or go beyond their head, are refused as they are read")
  func order() throws {
    var bench = Bench(.host(0), .host(1))
    _ = try bench.write(0, .document(1, "one"), .document(2, "two"))
    let section = try #require(bench.replicas[0].section)
    func fault(_ change: (inout Section) -> Void) -> CodecError? {
      var changed = section
      change(&changed)
      let message = Message.announcement(Announcement(hops: 0, section: changed))
      do throws(CodecError) { _ = try Message(decoding: message.encoded()) } catch { return error }
      return nil
    }
    #expect(fault { _ in } == nil)
    #expect(fault { $0.records.reverse() } == .invalid("order of records"))
    #expect(fault { $0.records[1] = $0.records[0] } == .invalid("order of records"))
    #expect(fault { $0.after = $0.records[0].version } == .invalid("order of records"))
    let beyond = Version(epoch: .max, sequence: 0)
    #expect(fault { ($0.after, $0.records) = (beyond, []) } == .invalid("last version"))
  }

  @Test("whose names are none, or longer than they may be, are refused as they are read")
  func names() throws {
    func fault(_ kind: String, _ namespace: String, _ name: String) -> CodecError? {
      let record = Record(
        key: RecordKey(kind: RecordKey.Kind(rawValue: kind), namespace: namespace, name: name),
        version: Version(epoch: 1, sequence: 1),
        stamp: Stamp(wall_ms: 1),
        lifetime: .bound,
        replaces: [],
        content: nil,
        signature: []
      )
      do throws(CodecError) { _ = try Record(decoding: record.encoded()) } catch { return error }
      return nil
    }
    let label = String(repeating: "a", count: ReplicationLimits.labelBytes + 1)
    #expect(fault("policy", "shop", "web") == nil && fault("policy", "", "web") == nil)
    for names in [("", "shop", "web"), ("policy", "shop", ""), (label, "shop", "web"), ("policy", label, "web")] {
      #expect(fault(names.0, names.1, names.2) == .invalid("key"), "\(names)")
    }
    let head = Head(
      owner: OwnerID(name: "", key: OwnerID.host(1).key),
      last: .zero,
      past: Past(),
      floor: .zero,
      count: 0,
      digest: .empty,
      signature: []
    )
    #expect(throws: CodecError.invalid("owner")) { try Head(decoding: head.encoded()) }
  }
}

@Suite("Messages as bytes")
struct CodecTests {
  /// One message of each type, with all there can be in them.
  static let samples: [Message] = {
    var bench = Bench(.host(0), .host(1))
    let now = bench.now
    _ = try? bench.replicas[1].write([.document(1, "other")], now: now)
    bench.exchange(0, 1)
    let writes = [Write.endpoint(1, 1), .document(1, "text"), .document(2, "é"), .document(2, nil)]
    let directives = writes.map { (try? bench.write(0, $0)) ?? [] }
    let sections = bench.replicas.compactMap(\.section)
    return [
      .summary(Summary(buckets: bench.replicas[0].store.buckets)),
      .digest(DigestPage(wantsReply: true, complete: 5, entries: bench.replicas[0].entries)),
      .pull(
        Pull(
          request: 7,
          wants: [Pull.Want(owner: .host(1), after: Version(epoch: 1, sequence: 2), whole: true)]
        )
      ),
      .records(Records(request: 7, served: 2, sections: sections)),
    ] + directives.compactMap(\.announcement).map { .announcement($0) }
  }()

  @Test("come back as they were, and take as many bytes as was reckoned")
  func roundTrip() throws {
    #expect(Self.samples.count == 8)
    for message in Self.samples {
      let bytes = message.encoded()
      #expect(try Message(decoding: bytes) == message)
      #expect(bytes.count == message.encodedCount)
    }
  }

  @Test("are refused when cut short or followed by anything")
  func length() {
    for bytes in Self.samples.map({ $0.encoded() }) {
      for count in 0..<bytes.count {
        #expect(throws: CodecError.self) { try Message(decoding: Array(bytes[..<count])) }
      }
      #expect(throws: CodecError.trailingBytes) { try Message(decoding: bytes + [0]) }
    }
  }

  @Test("that are damaged are refused or read as something with that very encoding: 20,000 seeded mutations")
  func mutations() {
    var random = Randomness(seed: 20_261_125)
    let samples = Self.samples.map { $0.encoded() }
    var refused = 0
    for round in 0..<20_000 {
      var bytes = samples[round % samples.count]
      for _ in 0...random.next() % 3 {
        let index = Int(random.next() % UInt64(bytes.count))
        switch random.next() % 3 {
        case 0: bytes[index] ^= 1 << UInt8(random.next() % 8)
        case 1: bytes[index] = UInt8(truncatingIfNeeded: random.next())
        default: bytes.removeSubrange(index..<min(bytes.count, index + Int(random.next() % 30)))
        }
        if bytes.isEmpty { bytes = [1] }
      }
      do {
        let again = try Message(decoding: bytes).encoded()
        if again != bytes { Issue.record("round \(round): another encoding of the same") }
      } catch {
        refused += 1
      }
    }
    #expect(refused > 5_000 && refused < 20_000)
  }

  @Test("of a replica's making are never larger than a message may be")
  func largest() throws {
    var bench = Bench(.host(0), .host(1))
    for number in 0..<20 {
      let content = [UInt8](repeating: 7, count: ReplicationLimits.contentBytes - number)
      _ = try bench.write(0, Write(.policy(number), .lasting, content))
    }
    var largest = 0
    var queue = [(0, Message.summary(Summary(buckets: bench.replicas[1].store.buckets)))]
    while let (to, message) = queue.popLast() {
      largest = max(largest, message.encodedCount)
      queue += bench.receive(to, message, from: 1 - to).sent.map { (1 - to, $0.0) }
    }
    #expect(largest > ReplicationLimits.messageBytes / 2 && largest <= ReplicationLimits.messageBytes)
    #expect(bench.replicas[1].store.buckets == bench.replicas[0].store.buckets)
  }

  @Test("that answer a request from beyond the end of a set have nothing of it")
  func beyondTheEnd() throws {
    var bench = Bench(.host(0), .host(1))
    _ = try bench.write(0, .document(1, "text"))
    let want = Pull.Want(owner: .host(0), after: Version(epoch: .max, sequence: 0), whole: true)
    let answer = bench.receive(0, .pull(Pull(request: 3, wants: [want])), from: 1).sent.map(\.0)
    #expect(answer == [.records(Records(request: 3, served: 1, sections: []))])
  }

  @Test("beyond a bound are refused before anything is made of them")
  func bounds() {
    let long = [UInt8](repeating: 1, count: ReplicationLimits.messageBytes + 1)
    #expect(throws: CodecError.tooMany(limit: ReplicationLimits.messageBytes)) { try Message(decoding: long) }
    var pull = ByteWriter()
    pull.put(Message.protocolVersion)
    pull.put(Message.Code.pull.rawValue)
    pull.put(UInt32(1))
    pull.put(UInt8(255))
    #expect(throws: CodecError.tooMany(limit: ReplicationLimits.wants)) { try Message(decoding: pull.bytes) }
  }
}
