import Testing

@testable import Replication

/// Peers that were asked for an owner's records and answer as no honest one would.
@Suite("Hostile answers")
struct HostileAnswerTests {
  private let honest = OwnerID.host(0)
  private let hostile = OwnerID.host(2)

  /// The owner, who is asked, and others who have all that the owner wrote.
  private func bench(_ peers: Int = 3) throws -> Bench {
    var bench = Bench(.host(0), .host(1), .host(2))
    for index in 3..<max(peers, 3) {
      bench.replicas.append(Bench.replica(.host(index), now: bench.now))
      _ = bench.replicas[1].memberUp(.host(index))
    }
    _ = try bench.write(0, .document(1, "one"), .document(2, "two"), .document(3, "three"))
    for index in 2..<bench.replicas.count { bench.replicas[index].store = bench.replicas[0].store }
    return bench
  }

  /// Peer `from` tells that it has the records; whom the asked one asks then, and for what.
  private func tell(_ bench: inout Bench, _ from: Int) -> [(pull: Message, peer: OwnerID)] {
    let page = DigestPage(wantsReply: false, complete: 0, entries: bench.replicas[from].entries)
    return bench.receive(1, .digest(page), from: from).pulls
  }

  /// What peer `index` would answer in all honesty.
  private func answer(_ bench: inout Bench, _ pull: Message, by index: Int = 2) throws -> Records {
    guard case .records(let records)? = bench.receive(index, pull, from: 1).sent.first?.0 else {
      throw NoAnswer()
    }
    return records
  }

  @Test("that do not go on where the last one ended, or are not of the kind that was asked for, are out of order")
  func outOfOrder() throws {
    let changes: [(inout Section) -> Void] = [
      { section in
        section.after = section.records[0].version
        section.records.removeFirst()
      }, { $0.whole = false },
    ]
    for change in changes {
      var bench = try bench()
      let pull = try #require(tell(&bench, 2).first?.pull)
      var records = try answer(&bench, pull)
      change(&records.sections[0])
      let directives = bench.receive(1, .records(records), from: 2)
      #expect(directives.refusals == [.outOfOrder(honest)] && !directives.isApplying)
    }
  }

  @Test("that promise more and have nothing are no reason to ask for ever: the owner is asked instead")
  func emptyPromise() throws {
    var bench = try bench()
    let pull = try #require(tell(&bench, 2).first?.pull)
    var records = try answer(&bench, pull)
    (records.sections[0].records, records.sections[0].more) = ([], true)
    let directives = bench.receive(1, .records(records), from: 2)
    #expect(directives.refusals == [.incomplete(honest)])
    #expect(directives.pulls.map(\.peer) == [honest])
  }

  @Test(
    "that begin under the owner's head and end under another, by which a record would be left out, are badly signed"
  )
  func otherHead() throws {
    var bench = try bench()
    let pull = try #require(tell(&bench, 2).first?.pull)
    let whole = try answer(&bench, pull)
    var first = whole
    first.sections[0].records = Array(whole.sections[0].records.prefix(1))
    first.sections[0].more = true
    let next = try #require(bench.receive(1, .records(first), from: 2).pulls.first)
    guard case .pull(let asked) = next.pull else { throw NoAnswer() }

    let (real, kept) = (whole.sections[0].head, Array(whole.sections[0].records.prefix(2)))
    var digest = SetDigest.empty
    for record in kept { digest += SimulatedKeyring(owner: hostile).hash(record.signedBytes(of: honest)) }
    var head = Head(
      owner: honest,
      last: kept[1].version,
      past: real.past,
      floor: real.floor,
      count: 2,
      digest: digest,
      signature: []
    )
    let signatures = [[], real.signature, SimulatedKeyring(owner: hostile).sign(head.signedBytes) ?? []]
    let before = bench
    for signature in signatures {
      head.signature = signature
      var second = whole
      second.request = asked.request
      second.sections[0] = Section(
        head: head,
        credential: whole.sections[0].credential,
        whole: true,
        after: kept[0].version,
        more: false,
        records: [kept[1]]
      )
      bench = before
      let directives = bench.receive(1, .records(second), from: 2)
      #expect(directives.refusals == [.badSignature(honest)] && !directives.isApplying)
      #expect(bench.replicas[1].document(.policy(2)) == nil)
    }
  }

  @Test("from everybody are asked for three times, then left alone; who gave the last one is not asked for a second")
  func attempts() throws {
    var bench = try bench(8)
    var asked = try #require(tell(&bench, 2).first)
    var peers = [asked.peer]
    while peers.count < 20 {
      let index = try #require(bench.replicas.firstIndex { $0.owner == asked.peer })
      var records = try answer(&bench, asked.pull, by: index)
      records.sections[0].records[1] = records.sections[0].records[1].with(content: [0x66])
      let directives = bench.receive(1, .records(records), from: index)
      #expect(directives.refusals == [.badSignature(honest)])
      guard let next = directives.pulls.first else { break }
      asked = next
      peers.append(next.peer)
    }
    #expect(peers.count == ReplicationLimits.pullAttempts && Set(peers).count == peers.count, "\(peers)")
    let last = try #require(bench.replicas.firstIndex { $0.owner == peers.last })
    #expect(tell(&bench, last).isEmpty)
    var other = bench
    #expect(tell(&other, 2 + (last - 1) % 5).count == 1, "another may be asked at once")
    bench.now.monotonic_ms += ReplicationLimits.refusedPause_ms
    #expect(tell(&bench, last).count == 1)
  }

  @Test("that nobody gives are asked for three times, of others each time")
  func silence() throws {
    var bench = try bench(8)
    var peers = [try #require(tell(&bench, 2).first).peer]
    for _ in 0..<20 {
      bench.now.monotonic_ms += ReplicationLimits.pullTimeout_ms
      let now = bench.now
      peers += bench.replicas[1].tick(now).pulls.map(\.peer)
    }
    #expect(peers.count == ReplicationLimits.pullAttempts && zip(peers, peers.dropFirst()).allSatisfy { $0 != $1 })
  }

  @Test("that come when later records are here change nothing, and are no fault of who gave them")
  func late() throws {
    var bench = try bench()
    let pull = try #require(tell(&bench, 2).first?.pull)
    let records = try answer(&bench, pull)
    _ = bench.receive(
      1,
      .announcement(Announcement(hops: 0, section: try #require(bench.replicas[0].section))),
      from: 0
    )
    let later = try #require(try bench.write(0, .document(1, "later")).announcement)
    _ = bench.receive(1, .announcement(later), from: 0)
    let held = bench.replicas[1].store.buckets
    #expect(bench.receive(1, .records(records), from: 2).refusals.allSatisfy { $0 == .unsolicited })
    #expect(bench.replicas[1].store.buckets == held)
    #expect(bench.replicas[1].document(.policy(1))?.winner.record.content == Array("later".utf8))
  }

  @Test("are asked of nobody for an owner that there is no room for, which is told")
  func noRoom() throws {
    var bench = try bench()
    let keyring = SimulatedKeyring(owner: .host(1))
    for index in 0..<ReplicationLimits.owners {
      let owner = OwnerID.host(index + 100)
      let head = Head(
        owner: owner,
        last: .zero,
        past: Past(),
        floor: .zero,
        count: 0,
        digest: .empty,
        signature: []
      )
      let set = OwnerSet(head: head, credential: [], records: RecordTable([]), keyring: keyring)
      bench.replicas[1].store.put(set, offered: false)
    }
    let page = DigestPage(wantsReply: false, complete: 0, entries: bench.replicas[2].entries)
    let directives = bench.receive(1, .digest(page), from: 2)
    #expect(directives.pulls.isEmpty && directives.refusals == [.tooManyOwners(honest)])
  }

  @Test("are asked for of so many owners at a time, however many a peer names")
  func pulls() throws {
    var bench = try bench()
    let entries = (0..<ReplicationLimits.pulls + 100).map { index in
      let position = Position(last: Version(epoch: 1, sequence: 1), digest: .empty)
      return DigestPage.Entry(owner: .host(index + 100), position: position, isLasting: true)
    }
    let page = DigestPage(wantsReply: false, complete: 0, entries: entries)
    let wanted = bench.receive(1, .digest(page), from: 2).pulls.reduce(0) { count, sent in
      if case .pull(let pull) = sent.pull { count + pull.wants.count } else { count }
    }
    #expect(wanted == ReplicationLimits.pulls && bench.replicas[1].fetches.fetches.count == wanted)
  }
}
