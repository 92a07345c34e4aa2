import Testing

@testable import Replication

@Suite("Hostile peers")
struct HostileTests {
  private let honest = HostileBench.honest
  private let victim = HostileBench.victim
  private let hostile = HostileBench.hostile

  private func bench() throws -> (Bench, Announcement) { try HostileBench.make() }

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
