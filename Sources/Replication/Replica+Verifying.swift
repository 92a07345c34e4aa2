extension Replica {
  /// Records whose owner signed them.
  struct Verified {
    var credential: [UInt8]
    var entries: [OwnerSet.Entry]
  }

  /// Checks all that can be seen of a section alone: the owner's right to its name, signatures and stamps.
  func verified(_ section: Section, headIsKnown: Bool, now: Moment) throws(Refusal) -> Verified {
    let head = section.head
    let isKnown = head.owner != owner && store[head.owner] != nil
    var credential = head.owner == owner ? self.credential : store[head.owner]?.credential ?? []
    let isRenewed = !section.credential.isEmpty && section.credential != credential && head.owner != owner
    if credential.isEmpty || isRenewed {
      guard !section.credential.isEmpty, keyring.admits(head.owner, credential: section.credential) else {
        throw .notAdmitted(head.owner)
      }
      guard isKnown || store.count < ReplicationLimits.owners else { throw .tooManyOwners(head.owner) }
      credential = section.credential
    }
    func isSigned(_ signature: [UInt8], _ bytes: [UInt8]) -> Bool {
      keyring.verify(signature, of: bytes, by: head.owner, credential: credential)
    }
    guard headIsKnown || isSigned(head.signature, head.signedBytes) else { throw .badSignature(head.owner) }
    var entries: [OwnerSet.Entry] = []
    entries.reserveCapacity(section.records.count)
    for record in section.records {
      let lead = record.stamp.wall_ms.subtractingReportingOverflow(now.wall_ms)
      guard lead.overflow || lead.partialValue <= ReplicationLimits.clockLead_ms else {
        throw .clockAhead(head.owner, by_ms: lead.partialValue)
      }
      let bytes = record.signedBytes(of: head.owner)
      guard isSigned(record.signature, bytes) else { throw .badSignature(head.owner) }
      entries.append(OwnerSet.Entry(record: record, hash: keyring.hash(bytes)))
    }
    return Verified(credential: credential, entries: entries)
  }

  /// Takes verified records if, with what is held, they are exactly what the head speaks of.
  mutating func accept(
    _ head: Head,
    _ verified: Verified,
    whole: Bool,
    from peer: OwnerID,
    hops: UInt8?,
    now: Moment
  ) throws(Refusal) {
    let before = before(head.owner)
    if let position = store[head.owner]?.position {
      guard head.position > position else {
        counters.stale += 1
        return
      }
      guard head.includes(position.last) else { throw .forgottenHistory(head.owner) }
    }
    let contents = contents(head, verified.entries, whole: whole)
    guard contents.count <= ReplicationLimits.ownerRecords else { throw .tooManyRecords(head.owner) }
    guard contents.byteCount <= ReplicationLimits.ownerBytes else { throw .tooManyBytes(head.owner) }
    guard contents.count == head.count, contents.digest == head.digest else { throw .incomplete(head.owner) }

    install(contents, head, verified.credential)
    if !members.isAlive(head.owner), deadSince_ms[head.owner] == nil { deadSince_ms[head.owner] = now.monotonic_ms }
    counters.applied += 1
    if before?.last == head.last { refuse(.forked(head.owner), from: peer) }
    fetches.drop(head.owner)
    if let hops { announce(head.owner, after: before, hops: hops, from: peer) }
  }

  /// What an owner's set is with these entries. What is held of it is not kept hold of: it is changed in place then.
  private func contents(_ head: Head, _ entries: [OwnerSet.Entry], whole: Bool) -> OwnerContents {
    let base = store[head.owner]
    if whole { return OwnerContents(of: head.owner, base: base?.records, replacedBy: entries) }
    let later = base.map { entries.after($0.head.last) } ?? entries
    return OwnerContents(of: head.owner, base: base?.records, adding: later, floor: head.floor)
  }
}

extension [OwnerSet.Entry] {
  /// Those later than `version`, of ascending ones.
  fileprivate func after(_ version: Version) -> [OwnerSet.Entry] { Array(drop { $0.record.version <= version }) }
}
