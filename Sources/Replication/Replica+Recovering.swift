extension Replica {
  /// Whether this owner remembers having written up to there.
  private func remembers(_ version: Version) -> Bool {
    let last = store[owner]?.head.last ?? .zero
    return version.epoch == epoch ? version <= last : past.includes(version)
  }

  /// A peer holds records of this owner: nothing new, or more than it knows itself and then to be taken back.
  mutating func receiveOwn(_ position: Position, from peer: OwnerID, now: Moment) {
    guard !remembers(position.last) else {
      counters.stale += 1
      return
    }
    guard fetches[owner] == nil else { return }
    refuse(.ownPastElsewhere, from: peer)
    fetch([Pull.Want(owner: owner, after: .zero, whole: true)], from: peer, hops: nil, now: now)
  }

  /// Takes back what this owner once wrote and forgot, signed anew so that peers of every past get it.
  ///
  /// Under a key that it has written since, the later write stays. Stamps of the others stay as they are: nothing is
  /// newer for having been lost.
  mutating func recover(_ head: Head, _ verified: Verified) throws(Refusal) {
    guard !remembers(head.last) else { return }
    let old = OwnerContents(of: owner, base: nil, replacedBy: verified.entries)
    guard old.count == head.count, old.digest == head.digest else { throw .incomplete(owner) }
    let own = ownRecords
    let ownByKey = Dictionary(own.map { ($0.key, $0) }) { first, _ in first }
    // Ahead of what came back, where the clock went back or another process has the key, an epoch must be begun anew.
    let begins = head.last.epoch >= epoch
    var drafts: [Draft] = []
    for record in old.table.entries.map(\.record) {
      if let new = ownByKey[record.key], new.version.epoch == epoch {
        if let draft = over(record, new) { drafts.append(draft) }
      } else if ownByKey[record.key]?.version ?? .zero < record.version {
        drafts.append(Draft(record, content: record.content))
      }
    }
    if begins {
      let keys = Set(drafts.lazy.map(\.key))
      for record in own where record.version.epoch == epoch && !keys.contains(record.key) {
        drafts.append(Draft(record, content: record.content))
      }
    }
    // A disk put back to an older state has records that were deleted after it.
    let keys = Set(old.table.entries.map(\.record.key))
    for record in own where !record.isTombstone && record.version.epoch < epoch && !keys.contains(record.key) {
      if head.includes(record.version) { drafts.append(Draft(record, content: nil)) }
    }

    let (oldEpoch, oldPast) = (epoch, past)
    past.add(head.past)
    past.add(head.last)
    if begins {
      if let last = store[owner]?.head.last { past.add(last) }
      epoch = head.last.epoch + 1
    }
    do throws(WriteRefusal) {
      try commit(drafts, floor: max(head.floor, store[owner]?.head.floor ?? .zero))
      counters.recovered += 1
    } catch {
      (epoch, past) = (oldEpoch, oldPast)
      throw .tooManyRecords(owner)
    }
  }

  /// A document that was written anew before its past came back, as a write upon that past; nil if it is one already.
  private func over(_ old: Record, _ new: Record) -> Draft? {
    guard new.lifetime == .lasting, old.lifetime == .lasting else { return nil }
    guard !new.replaces.contains(where: { $0.owner == owner && $0.stamp >= old.stamp }) else { return nil }
    let stamp = max(new.stamp, old.stamp.next)
    var replaces = new.replaces + [Mark(owner: owner, stamp: old.stamp)]
    if stamp != new.stamp { replaces.append(Mark(owner: owner, stamp: new.stamp)) }
    let latest = replaces.sorted().suffix(ReplicationLimits.marks)
    return Draft(new.key, .lasting, stamp: stamp, replaces: Array(latest), new.content)
  }
}
