import Testing

@testable import Replication

@Suite("Hostile peers")
struct HostileTests {
  private let honest = OwnerID.host(0)
  private let victim = OwnerID.host(1)
  private let hostile = OwnerID.host(2)

  private func bench() throws -> (Bench, Announcement) {
    var bench = Bench(honest, victim, hostile)
    let directives = try bench.write(0, .endpoint(1, 1), .document(1, "allow"))
    return (bench, try #require(directives.announcement))
  }

  @Test("a forged record is refused as badly signed, and nothing of its batch is taken")
  func forgedRecord() throws {
    var (bench, announcement) = try bench()
    let real = announcement.section.records[1]
    announcement.section.records[1] = Record(
      key: real.key,
      version: real.version,
      stamp: real.stamp,
      lifetime: real.lifetime,
      replaces: real.replaces,
      content: Array("deny".utf8),
      signature: real.signature
    )
    let directives = bench.receive(1, .announcement(announcement), from: 2)
    #expect(directives == [.refused(.badSignature(honest), from: hostile)])
    #expect(bench.replicas[1].counters.refused == [.badSignature: 1])
    #expect(bench.replicas[1].document(.policy(1)) == nil)
  }

  @Test("a forged head is refused, and so is one signed by another owner")
  func forgedHead() throws {
    var (bench, announcement) = try bench()
    let real = announcement.section.head
    for signature in [[], [UInt8](repeating: 0, count: 8), SimulatedKeyring(owner: hostile).sign(real.signedBytes)] {
      announcement.section.head.signature = signature ?? []
      #expect(bench.receive(1, .announcement(announcement), from: 2).refusals == [.badSignature(honest)])
    }
  }

  @Test("an owner whose credential does not prove its name is refused")
  func notAdmitted() throws {
    var (bench, announcement) = try bench()
    announcement.section.credential = SimulatedKeyring.credential(of: hostile)
    #expect(bench.receive(1, .announcement(announcement), from: 2).refusals == [.notAdmitted(honest)])
    announcement.section.credential = []
    #expect(bench.receive(1, .announcement(announcement), from: 2).refusals == [.notAdmitted(honest)])
  }

  @Test(
    "an announcement that says it has come too far is refused, whatever it says, and one that comes far goes no further"
  )
  func hops() throws {
    for hops in [ReplicationLimits.hops, .max] {
      var (bench, announcement) = try bench()
      announcement.hops = hops
      #expect(bench.receive(1, .announcement(announcement), from: 2) == [.refused(.outOfOrder(honest), from: hostile)])
    }
    for (hops, isPassedOn) in [(ReplicationLimits.hops - 2, true), (ReplicationLimits.hops - 1, false)] {
      var (bench, announcement) = try bench()
      _ = bench.replicas[1].memberUp(.host(3))
      announcement.hops = hops
      let directives = bench.receive(1, .announcement(announcement), from: 2)
      #expect(directives.isApplying && (directives.announcement != nil) == isPassedOn)
    }
  }

  @Test("changes beyond so many in a second are not pushed: the exchanges take them along")
  func relays() throws {
    var bench = Bench(honest, victim)
    for number in 0..<ReplicationLimits.relaysPerSecond + 50 { _ = try bench.write(0, .document(1, "\(number)")) }
    let counters = bench.replicas[0].counters
    #expect(counters.announced == ReplicationLimits.relaysPerSecond && counters.unannounced == 50)
    bench.now.monotonic_ms += 1_000
    #expect(try bench.write(0, .document(1, "next")).announcement != nil)
  }

  @Test(
    "a peer that says what everybody knows of a host's own records is no reason to ask, or to warn of a second such host"
  )
  func ownKnown() throws {
    var (bench, announcement) = try bench()
    let position = bench.replicas[0].entries[0].position
    for message in [
      Message.announcement(announcement),
      .digest(DigestPage(wantsReply: false, complete: 0, entries: bench.replicas[0].entries)),
    ] {
      let before = bench.replicas[0].counters.stale
      #expect(bench.receive(0, message, from: 2) == [] && bench.replicas[0].counters.stale == before + 1)
    }
    // What it does not know of is one.
    announcement.section.head = Head(
      owner: honest,
      last: Version(epoch: position.last.epoch, sequence: position.last.sequence + 1),
      past: Past(),
      floor: .zero,
      count: 0,
      digest: .empty,
      signature: []
    )
    #expect(bench.receive(0, .announcement(announcement), from: 2).refusals == [.ownPastElsewhere])
  }

  @Test("a host that lost its disk takes its own records back whole or not at all")
  func ownWithheld() throws {
    var (bench, _) = try bench()
    bench.replicas[2].store = bench.replicas[0].store
    bench.replicas[0] = Bench.replica(honest, now: bench.now)
    _ = bench.replicas[0].memberUp(hostile)
    let page = DigestPage(wantsReply: false, complete: 0, entries: bench.replicas[2].entries)
    let (pull, _) = try #require(bench.receive(0, .digest(page), from: 2).sent.first)
    guard case .records(let whole)? = bench.receive(2, pull, from: 0).sent.first?.0 else {
      Issue.record("no answer")
      return
    }
    for place in whole.sections[0].records.indices {
      var (answer, copy) = (whole, bench)
      answer.sections[0].records.remove(at: place)
      let directives = copy.receive(0, .records(answer), from: 2)
      #expect(directives.refusals == [.incomplete(honest)] && !directives.isApplying)
      #expect(copy.replicas[0].counters.recovered == 0)
    }
    #expect(bench.receive(0, .records(whole), from: 2).isApplying)
  }

  @Test("endpoints of a host that is dead are not asked for, and a peer is shown no more in a second than it may be")
  func deadAndLoud() throws {
    var (bench, _) = try bench()
    let position = Position(last: Version(epoch: 1, sequence: 1), digest: .empty)
    for (isLasting, count) in [(false, 0), (true, 1)] {
      let entry = DigestPage.Entry(owner: .host(9), position: position, isLasting: isLasting)
      let directives = bench.receive(1, .digest(DigestPage(wantsReply: false, complete: 0, entries: [entry])), from: 2)
      #expect(directives.sent.count == count)
    }
    let summary = Message.summary(Summary(buckets: bench.replicas[1].store.buckets))
    #expect(bench.receive(0, summary, from: 2).sent.count == 1)
    bench.replicas[0].allowances.served(ReplicationLimits.peerServedBytesPerSecond, to: hostile)
    let directives = bench.receive(0, summary, from: 2)
    #expect(directives.sent.isEmpty && directives.refusals == [.flood])
    #expect(bench.receive(0, summary, from: 1).sent.count == 1, "others are shown it")
  }

  @Test("a replayed head is ignored and counted")
  func replay() throws {
    var (bench, first) = try bench()
    _ = bench.receive(1, .announcement(first), from: 0)
    let second = try #require(try bench.write(0, .document(1, "deny")).announcement)
    _ = bench.receive(1, .announcement(second), from: 0)
    #expect(bench.receive(1, .announcement(first), from: 2) == [])
    #expect(bench.receive(1, .announcement(second), from: 2) == [])
    #expect(bench.replicas[1].counters.stale == 2)
    #expect(bench.replicas[1].document(.policy(1))?.winner.record.content == Array("deny".utf8))
  }

  @Test("an old record replayed under a new head is refused as incomplete, and the owner is asked")
  func replayedRecord() throws {
    var (bench, first) = try bench()
    _ = bench.receive(1, .announcement(first), from: 0)
    var second = try #require(try bench.write(0, .document(1, "deny")).announcement)
    second.section.records = []
    let directives = bench.receive(1, .announcement(second), from: 2)
    #expect(directives.refusals == [.incomplete(honest)])
    #expect(directives.sent.map(\.1) == [honest])
    bench.deliver(directives, from: 1)
    #expect(bench.replicas[1].document(.policy(1))?.winner.record.content == Array("deny".utf8))
  }

  @Test("a record withheld from a whole set is noticed, and the set is fetched from another")
  func withheld() throws {
    var (bench, _) = try bench()
    bench.exchange(2, 0)
    bench.replicas[2].store = bench.replicas[0].store
    let request = bench.receive(
      1,
      .digest(DigestPage(wantsReply: false, complete: 0, entries: bench.replicas[2].entries)),
      from: 2
    )
    let (pull, _) = try #require(request.sent.first)
    guard case .records(var answer)? = bench.receive(2, pull, from: 1).sent.first?.0 else {
      Issue.record("no answer")
      return
    }
    answer.sections[0].records.removeFirst()
    let directives = bench.receive(1, .records(answer), from: 2)
    #expect(directives.refusals == [.incomplete(honest)])
    #expect(!directives.isApplying)
    bench.deliver(directives, from: 1)
    #expect(bench.replicas[1].store.buckets == bench.replicas[0].store.buckets)
  }

  @Test("an answer that nobody asked for is refused")
  func unsolicited() throws {
    var (bench, announcement) = try bench()
    let records = Records(request: 1, served: 1, sections: [announcement.section])
    #expect(bench.receive(1, .records(records), from: 2).refusals == [.unsolicited])
    let pull = bench.receive(
      1,
      .digest(DigestPage(wantsReply: false, complete: 0, entries: bench.replicas[0].entries)),
      from: 0
    )
    guard case .pull(let asked)? = pull.sent.first?.0 else { return }
    let stolen = Records(request: asked.request, served: 1, sections: [announcement.section])
    #expect(bench.receive(1, .records(stolen), from: 2).refusals == [.unsolicited])
  }

  @Test("a flood of messages is cut off for the rest of the second, for that peer alone")
  func flood() throws {
    var (bench, announcement) = try bench()
    let limit = ReplicationLimits.peerMessagesPerSecond
    for _ in 0..<limit + 10 { _ = bench.receive(1, .announcement(announcement), from: 2) }
    #expect(bench.replicas[1].counters.refused[.flood] == 10)
    let summary = Message.summary(Summary(buckets: bench.replicas[1].store.buckets))
    #expect(bench.receive(1, summary, from: 0) == [])
    bench.now.monotonic_ms += 1_000
    #expect(bench.receive(1, summary, from: 2) == [])
  }

  @Test("requests for more than a peer is served in a second are refused")
  func servedFlood() throws {
    var bench = Bench(honest, victim)
    for number in 0..<4 {
      let content = [UInt8](repeating: 1, count: ReplicationLimits.contentBytes)
      _ = try bench.write(0, Write(.policy(number), .lasting, content))
    }
    let pull = Message.pull(Pull(request: 1, wants: [Pull.Want(owner: honest, after: .zero, whole: true)]))
    var served = 0
    var refused = 0
    for _ in 0..<40 {
      let directives = bench.receive(0, pull, from: 1)
      served += directives.sent.reduce(0) { $0 + $1.0.encodedCount }
      refused += directives.refusals.count { $0 == .flood }
    }
    #expect(served <= ReplicationLimits.peerServedBytesPerSecond)
    #expect(refused > 10)
  }

  @Test("two hosts with one name are two owners, and every host is told")
  func oneName() throws {
    var bench = Bench(honest, victim)
    let twin = OwnerID.host(0, key: 1)
    #expect(twin.name == honest.name)
    let directives = bench.replicas[1].memberUp(twin)
    #expect(directives.contains(.nameConflict("host-0", [honest, twin].sorted())))
    #expect(bench.replicas[1].counters.nameConflicts == 1)

    bench.replicas.append(Bench.replica(twin, now: bench.now))
    for index in [0, 2] {
      _ = try bench.write(index, .endpoint(1, index))
      let section = try #require(bench.replicas[index].section)
      _ = bench.receive(1, .announcement(Announcement(hops: 0, section: section)), from: index)
    }
    var catalogue = Catalogue()
    for change in bench.replicas[1].contents { catalogue.apply(change) }
    #expect(catalogue.endpoints(.service(1)).map(\.owner) == [honest, twin].sorted())
  }

  @Test("bytes that are no message are refused with the reason")
  func malformed() {
    var bench = Bench(honest, victim)
    let now = bench.now
    #expect(
      bench.replicas[1].receive(encoded: [1, 9], from: honest, now: now).refusals
        == [.malformed(.invalid("message type"))]
    )
    #expect(
      bench.replicas[1].receive(encoded: [2], from: honest, now: now).refusals
        == [.malformed(.unsupportedVersion(2))]
    )
    #expect(bench.replicas[1].counters.refused == [.malformed: 2])
  }

  @Test("one more owner than can be held is refused, and those that are held stay")
  func tooManyOwners() throws {
    var bench = Bench(honest, victim)
    bench.deliver(try bench.write(0, .endpoint(1, 1)), from: 0)
    let set = try #require(bench.replicas[1].store[honest])
    for index in 1...ReplicationLimits.owners {
      let head = Head(
        owner: .host(index + 10),
        last: .zero,
        past: Past(),
        floor: .zero,
        count: 0,
        digest: .empty,
        signature: []
      )
      bench.replicas[1].store.put(
        OwnerSet(head: head, credential: [], records: RecordTable([]), keyring: SimulatedKeyring(owner: victim)),
        offered: false
      )
    }
    let stranger = OwnerID.host(3)
    var other = Bench(stranger, victim)
    let announcement = try #require(try other.write(0, .endpoint(1, 1)).announcement)
    let refusals = bench.receive(1, .announcement(announcement), from: 0).refusals
    #expect(refusals == [.tooManyOwners(stranger)])
    #expect(bench.replicas[1].store[honest]?.head == set.head)
  }

  @Test("in a mesh with a host that changes every message it passes on, the others agree within seconds")
  func tamperingHost() throws {
    var mesh = SimulatedMesh(hosts: 12, seed: 5)
    mesh.run(for: 6_000)
    let hostile = OwnerID.host(3)
    mesh.network.encodes = false
    mesh.tamper = { message, from, _ in
      guard from == hostile else { return message }
      switch message {
      case .announcement(var announcement):
        announcement.section.records = announcement.section.records.map { $0.with(content: [0x66]) }
        return .announcement(announcement)
      case .records(var records):
        for index in records.sections.indices { records.sections[index].records = [] }
        return .records(records)
      case .digest(var page):
        for index in page.entries.indices { page.entries[index].position.last.epoch += 1 }
        return .digest(page)
      case .summary, .pull: return message
      }
    }
    for index in 0..<12 where index != 3 { try mesh.write(index, [.endpoint(index, 1), .document(index, "\(index)")]) }
    mesh.run(for: 5_000)
    mesh.expectSound()
    #expect(mesh.refusals[.badSignature, default: 0] > 0)
  }
}

extension Replica {
  /// A digest of all that is held.
  var entries: [DigestPage.Entry] { store.sets.map { DigestPage.Entry($0) } }

  /// All of this owner's own records.
  var section: Section? {
    store[owner].map {
      Section(
        head: $0.head,
        credential: credential,
        whole: true,
        after: .zero,
        more: false,
        records: $0.entries.map(\.record)
      )
    }
  }
}

extension Record {
  /// The same with other content, which nobody signed.
  func with(content: [UInt8]?) -> Record {
    Record(
      key: key,
      version: version,
      stamp: stamp,
      lifetime: lifetime,
      replaces: replaces,
      content: content,
      signature: signature
    )
  }
}
