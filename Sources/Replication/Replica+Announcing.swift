extension Replica {
  /// What was held of an owner before a change of its set.
  struct Before {
    var last: Version
    var credential: [UInt8]
  }

  /// What is held of an owner; nil of one that is new.
  func before(_ owner: OwnerID) -> Before? {
    store[owner].map { Before(last: $0.head.last, credential: $0.credential) }
  }

  /// Pushes a change of a set to a few peers. `before` is what was held of it; nil if it is new. Large changes are only
  /// mentioned; the credential goes along where it is another than before.
  mutating func announce(_ changed: OwnerID, after before: Before?, hops: UInt8, from: OwnerID?) {
    guard hops < ReplicationLimits.hops, let set = store[changed] else { return }
    guard allowances.takeRelay() else {
      counters.unannounced += 1
      return
    }
    let after = before?.last
    let records = set.entries(after: after ?? .zero).map(\.record)
    // Who is behind the floor needs the whole set, and so does everyone else who was as far as this replica.
    let isEager =
      (after.map { $0 >= set.head.floor } ?? true)
      && records.reduce(0) { $0 + $1.encodedCount } <= ReplicationLimits.eagerBytes
    let section = Section(
      head: set.head,
      credential: before?.credential == set.credential ? [] : set.credential,
      whole: after == nil,
      after: after ?? .zero,
      more: !isEager,
      records: isEager ? records : []
    )
    let message = Message.announcement(Announcement(hops: hops, section: section))
    let excluded = [owner, set.head.owner] + (from.map { [$0] } ?? [])
    counters.announced += 1
    for peer in members.sample(ReplicationLimits.fanout, without: excluded, by: &random) { send(message, to: peer) }
  }

  mutating func receive(_ announcement: Announcement, from peer: OwnerID, now: Moment) {
    let section = announcement.section
    let head = section.head
    guard head.owner != owner else { return receiveOwn(head.position, from: peer, now: now) }
    let last = store[head.owner]?.head.last
    if let position = store[head.owner]?.position, head.position <= position {
      counters.stale += 1
      return
    }
    guard announcement.hops < ReplicationLimits.hops else { return refuse(.outOfOrder(head.owner), from: peer) }
    let fits = section.whole || last.map { $0 >= section.after && $0 != head.last } ?? false
    guard fits && !section.more else {
      let want = Pull.Want(owner: head.owner, after: last ?? .zero, whole: last == head.last)
      return fetch([want], from: peer, hops: announcement.hops + 1, now: now)
    }
    do throws(Refusal) {
      let verified = try verified(section, headIsKnown: false, now: now)
      try accept(
        section.head,
        verified,
        whole: section.whole,
        from: peer,
        hops: announcement.hops + 1,
        now: now
      )
    } catch {
      refuse(error, from: peer)
      refused(head.owner, error, from: peer, now: now)
    }
  }
}
