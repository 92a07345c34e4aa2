import Testing

@testable import Replication

@Suite("The bound on one owner's records")
struct OwnerBoundTests {
  /// A set of so many records as its owner would announce it, well signed: only a broken or hostile agent has too many.
  private func announcement(_ count: Int) -> Announcement {
    let owner = OwnerID.host(1)
    let keyring = SimulatedKeyring(owner: owner)
    let entries = (1...count).map { number in
      var record = Record(
        key: .service(number),
        version: Version(epoch: 1, sequence: UInt64(number)),
        stamp: Stamp(wall_ms: SimulatedMesh.wallStart_ms),
        lifetime: .bound,
        replaces: [],
        content: [1],
        signature: []
      )
      let bytes = record.signedBytes(of: owner)
      record.signature = keyring.sign(bytes) ?? []
      return OwnerSet.Entry(record: record, hash: keyring.hash(bytes))
    }
    let contents = OwnerContents(of: owner, base: nil, replacedBy: entries)
    var head = Head(
      owner: owner,
      last: Version(epoch: 1, sequence: UInt64(count)),
      past: Past(),
      floor: .zero,
      count: UInt32(contents.count),
      digest: contents.digest,
      signature: []
    )
    head.signature = keyring.sign(head.signedBytes) ?? []
    let section = Section(
      head: head,
      credential: SimulatedKeyring.credential(of: owner),
      whole: true,
      after: .zero,
      more: false,
      records: entries.map(\.record)
    )
    return Announcement(hops: 0, section: section)
  }

  @Test("is kept by who receives: 32,768 are taken, and of one more not a single one")
  func received() {
    for (count, isTaken) in [(ReplicationLimits.ownerRecords, true), (ReplicationLimits.ownerRecords + 1, false)] {
      var bench = Bench(.host(0), .host(1))
      let directives = bench.receive(0, .announcement(announcement(count)), from: 1)
      #expect(directives.isApplying == isTaken)
      #expect(directives.refusals == (isTaken ? [] : [.tooManyRecords(.host(1))]))
      #expect(bench.replicas[0].holding(of: .host(1))?.records == (isTaken ? count : nil))
    }
  }

  @Test("is another refusal than all others in a line of a journal, and each names the host and says what to check")
  func texts() {
    let owner = OwnerID.host(1)
    let refusals: [Refusal] = [
      .malformed(.truncated), .flood, .unsolicited, .notAdmitted(owner), .badSignature(owner),
      .clockAhead(owner, by_ms: 61_000), .tooManyOwners(owner), .tooManyRecords(owner), .tooManyBytes(owner),
      .incomplete(owner), .outOfOrder(owner), .forgottenHistory(owner), .forked(owner), .ownPastElsewhere,
    ]
    #expect(Set(refusals.map(\.reason)) == Set(Refusal.Reason.allCases))
    let texts = refusals.map { "\($0)" }
    #expect(Set(texts).count == texts.count)
    for (refusal, text) in zip(refusals, texts) {
      #expect(!text.contains("OwnerID(") && !text.contains("\(refusal.reason)("), "\(text)")
      let isOfOwner = ![.malformed, .flood, .unsolicited, .ownPastElsewhere].contains(refusal.reason)
      #expect(text.contains("\(owner)") == isOfOwner, "\(text)")
    }
    #expect("\(Refusal.clockAhead(owner, by_ms: 61_000))".contains("61 s ahead of this host's clock"))
  }

  @Test("does not keep what nothing admits any more: an owner's records go, documents too, and this replica's own stay")
  func withdrawn() throws {
    var bench = Bench(.host(0), .host(1))
    bench.deliver(try bench.write(1, .endpoint(1, 1), .document(2, "theirs")), from: 1)
    _ = try bench.write(0, .document(3, "ours"))
    #expect(Set(bench.replicas[0].credentials.keys) == [.host(0), .host(1)])
    #expect(bench.replicas[0].withdraw(.host(1)).isApplying)
    #expect(bench.replicas[0].holding(of: .host(1)) == nil && bench.replicas[0].document(.policy(2)) == nil)
    #expect(bench.replicas[0].withdraw(.host(0)) == [] && bench.replicas[0].withdraw(.host(9)) == [])
    #expect(bench.replicas[0].document(.policy(3)) != nil)
  }
}
