extension Replica {
  /// Drops what is no longer needed: old tombstones, documents that others have replaced, dead owners; and mends stamps
  /// that a wrong clock made.
  mutating func upkeep(_ now: Moment) {
    fetches.prune(now)
    forgetDead(now)
    let drafts = withdrawn(now) + restamped(now)
    let floor = store[owner]?.head.floor ?? .zero
    // A key that cannot sign is found out by the next write, which says so.
    if !drafts.isEmpty { try? commit(drafts, floor: floor) }
    collectTombstones(now)
  }

  private func isOlder(_ stamp: Stamp, than age_ms: UInt64, _ now: Moment) -> Bool {
    let age = now.wall_ms.subtractingReportingOverflow(stamp.wall_ms)
    return !age.overflow && age.partialValue >= age_ms
  }

  /// This owner's documents that another host replaced long ago, emptied under their old stamps. Those that lost a
  /// conflict stay: nobody who wrote since has seen them.
  private func withdrawn(_ now: Moment) -> [Draft] {
    ownRecords.filter { record in
      guard record.lifetime == .lasting, !record.isTombstone, let winner = documents[record.key]?.winner else {
        return false
      }
      return winner.owner != owner && winner.replaces(Contender(owner: owner, record: record))
        && isOlder(winner.record.stamp, than: ReplicationLimits.lastingRetention_ms, now)
    }.prefix(ReplicationLimits.batchWrites).map { Draft($0, content: nil) }
  }

  /// This owner's records whose stamps are so far ahead that no peer takes them, now that the clock is right again.
  private func restamped(_ now: Moment) -> [Draft] {
    ownRecords.compactMap { record in
      let lead = record.stamp.wall_ms.subtractingReportingOverflow(now.wall_ms)
      guard !lead.overflow, lead.partialValue > ReplicationLimits.clockLead_ms else { return nil }
      let seen = record.replaces.filter { $0.owner != owner }.last?.stamp.next
      let stamp = max(Stamp(wall_ms: now.wall_ms), seen ?? Stamp(wall_ms: 0))
      guard stamp < record.stamp else { return nil }
      let others = record.replaces.filter { $0.owner != owner }
      return Draft(record.key, record.lifetime, stamp: stamp, replaces: others, record.content)
    }
  }

  /// Drops tombstones that are old and hide nothing. One that must stay and is older than these is signed anew, so
  /// that the floor can pass it.
  private mutating func collectTombstones(_ now: Moment) {
    guard let set = store[owner] else { return }
    let tombstones = set.records.tombstones.compactMap { set.records[$0]?.record }
    func isDone(_ record: Record) -> Bool {
      switch record.lifetime {
      case .bound: isOlder(record.stamp, than: ReplicationLimits.boundRetention_ms, now)
      case .lasting:
        isOlder(record.stamp, than: ReplicationLimits.tombstoneRetention_ms, now)
          && !(documents.hidesOthers(record.key, of: owner) && documents[record.key]?.winner.owner == owner)
      }
    }
    guard let floor = tombstones.last(where: isDone)?.version else { return }
    let kept = tombstones.filter { $0.version < floor && !isDone($0) }
    try? commit(kept.map { Draft($0, content: nil) }, floor: floor)
  }

  /// Forgets owners that have been dead for long and left no documents.
  private mutating func forgetDead(_ now: Moment) {
    let due = deadSince_ms.filter { $0.value + ReplicationLimits.deadOwnerRetention_ms <= now.monotonic_ms }.keys
    for owner in due.sorted() {
      guard let set = store[owner], !members.isAlive(owner) else {
        deadSince_ms[owner] = nil
        continue
      }
      if !set.isLasting { drop(set) }
    }
  }
}
