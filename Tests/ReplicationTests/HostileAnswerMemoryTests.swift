import Testing

@testable import Replication

/// Answers that would fill the memory of whoever asked.
@Suite("Large hostile answers")
struct HostileAnswerMemoryTests {
  /// Records of an owner's, as large as they may be, and a head that speaks of more.
  private func large(_ owner: OwnerID, _ count: Int, after: UInt64) -> (head: Head, records: [Record]) {
    let (keyring, content) = (
      SimulatedKeyring(owner: owner), [UInt8](repeating: 7, count: ReplicationLimits.contentBytes)
    )
    let records = (1...UInt64(count)).map { number in
      var record = Record(
        key: .policy(Int(after + number)),
        version: Version(epoch: 1, sequence: after + number),
        stamp: Stamp(wall_ms: SimulatedMesh.wallStart_ms),
        lifetime: .lasting,
        replaces: [],
        content: content,
        signature: []
      )
      record.signature = keyring.sign(record.signedBytes(of: owner)) ?? []
      return record
    }
    let last = Version(epoch: 1, sequence: 1_000)
    var head = Head(owner: owner, last: last, past: Past(), floor: .zero, count: 999, digest: .empty, signature: [])
    head.signature = keyring.sign(head.signedBytes) ?? []
    return (head, records)
  }

  @Test("that are whole and larger than an owner's records may be are refused, though the owner has signed them")
  func tooLarge() throws {
    let owner = OwnerID.host(10)
    var bench = Bench(.host(0), .host(1), .host(2))
    _ = bench.replicas[1].memberUp(owner)
    for (count, isTaken) in [(60, true), (65, false)] {
      var copy = bench
      var (head, records) = large(owner, count, after: 0)
      let keyring = SimulatedKeyring(owner: owner)
      var digest = SetDigest.empty
      for record in records { digest += keyring.hash(record.signedBytes(of: owner)) }
      let last = records[count - 1].version
      head = Head(
        owner: owner,
        last: last,
        past: Past(),
        floor: .zero,
        count: UInt32(count),
        digest: digest,
        signature: []
      )
      head.signature = keyring.sign(head.signedBytes) ?? []
      let entry = DigestPage.Entry(owner: owner, position: Position(last: last, digest: digest), isLasting: true)
      let page = DigestPage(wantsReply: false, complete: 0, entries: [entry])
      guard case .pull(let asked)? = copy.receive(1, .digest(page), from: 2).pulls.first?.pull else { throw NoAnswer() }
      let section = Section(
        head: head,
        credential: SimulatedKeyring.credential(of: owner),
        whole: true,
        after: .zero,
        more: false,
        records: records
      )
      let answer = Records(request: asked.request, served: 1, sections: [section])
      let directives = copy.receive(1, .records(answer), from: 2)
      #expect(directives.refusals == (isTaken ? [] : [.tooManyBytes(owner)]) && directives.isApplying == isTaken)
      records = []
    }
  }

  @Test("that never end take no more memory than they may: of one owner, and of all")
  func endless() throws {
    let owners = (10..<13).map { OwnerID.host($0) }
    var bench = Bench(.host(0), .host(1), .host(2))
    for owner in owners { _ = bench.replicas[1].memberUp(owner) }
    let entries = owners.map { owner in
      let position = Position(last: Version(epoch: 1, sequence: 1_000), digest: .empty)
      return DigestPage.Entry(owner: owner, position: position, isLasting: true)
    }
    let page = DigestPage(wantsReply: false, complete: 0, entries: entries)
    var pull = try #require(bench.receive(1, .digest(page), from: 2).pulls.first).pull
    /// Answers what was asked last by so many records of each; what is asked for then.
    func give(_ parts: [(owner: OwnerID, count: Int, after: UInt64)]) throws -> (wants: [Pull.Want], [Refusal]) {
      guard case .pull(let asked) = pull else { throw NoAnswer() }
      let sections = parts.map { part in
        let (head, records) = large(part.owner, part.count, after: part.after)
        let after = part.after == 0 ? Version.zero : Version(epoch: 1, sequence: part.after)
        let credential = SimulatedKeyring.credential(of: part.owner)
        return Section(head: head, credential: credential, whole: true, after: after, more: true, records: records)
      }
      bench.now.monotonic_ms += 100
      let answer = Records(request: asked.request, served: UInt16(asked.wants.count), sections: sections)
      let directives = bench.receive(1, .records(answer), from: 2)
      guard let next = directives.pulls.first?.pull, case .pull(let more) = next else {
        return ([], directives.refusals)
      }
      pull = next
      return (more.wants, directives.refusals)
    }
    // 25 MiB each of two are within all bounds; with 15 more of the third it is above that of all, and others go first.
    let first = try give([(owners[0], 100, 0), (owners[1], 100, 0), (owners[2], 60, 0)])
    #expect(first.wants.map(\.owner) == [owners[0], owners[1]] && first.1.isEmpty)
    #expect(bench.replicas[1].fetches.stagedBytes <= ReplicationLimits.stagedBytes)
    // 33 MiB of one are above twice what an owner may have.
    let second = try give([(owners[0], 30, 100)])
    #expect(second.1 == [.tooManyBytes(owners[0])])
    #expect(bench.replicas[1].fetches.stagedBytes < 27 << 20)
  }
}
