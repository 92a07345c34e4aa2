import Testing

@testable import Replication

/// What peers may ask, tell and keep, and what becomes of the rest.
@Suite("Peers that send more than they may")
struct HostileFloodTests {
  private let honest = HostileBench.honest
  private let victim = HostileBench.victim
  private let hostile = HostileBench.hostile

  private func bench() throws -> (Bench, Announcement) { try HostileBench.make() }

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
}
