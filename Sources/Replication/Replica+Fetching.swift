extension Replica {
  /// Asks a peer for records, as far as nobody was asked for them yet.
  mutating func fetch(_ wants: [Pull.Want], from peer: OwnerID, hops: UInt8?, now: Moment) {
    var owners: [OwnerID] = []
    for want in wants where fetches[want.owner] == nil {
      let isPaused = hops == nil && fetches.isPaused(want.owner, from: peer, now: now)
      guard !isPaused && fetches.fetches.count < ReplicationLimits.pulls else { continue }
      guard store[want.owner] != nil || want.owner == owner || store.count < ReplicationLimits.owners else {
        fetches.pause(want.owner, from: peer, now: now)
        refuse(.tooManyOwners(want.owner), from: peer)
        continue
      }
      fetches.put(Fetches.Fetch(peer: peer, after: want.after, whole: want.whole, hops: hops), of: want.owner)
      owners.append(want.owner)
    }
    ask(owners, peer, now)
  }

  private mutating func ask(_ owners: [OwnerID], _ peer: OwnerID, _ now: Moment) {
    var rest = owners[...]
    while !rest.isEmpty {
      let some = Array(rest.prefix(ReplicationLimits.wants))
      send(.pull(fetches.request(some, from: peer, now: now)), to: peer)
      rest = rest.dropFirst(some.count)
    }
  }

  /// Takes an answer.
  mutating func receive(_ records: Records, from peer: OwnerID, now: Moment) {
    guard let request = fetches.requests[records.request], request.peer == peer else {
      return refuse(.unsolicited, from: peer)
    }
    fetches.requests[records.request] = nil
    let sections = Dictionary(records.sections.map { ($0.head.owner, $0) }) { first, _ in first }
    var unfinished: [OwnerID] = []
    for (index, owner) in request.owners.enumerated() {
      guard let fetch = fetches[owner], fetch.request == records.request else { continue }
      if index >= records.served && records.served > 0 {
        unfinished.append(owner)
      } else if let section = sections[owner] {
        if take(section, fetch, from: peer, now: now) { unfinished.append(owner) }
      } else {
        fetches.drop(owner)
      }
    }
    ask(unfinished, peer, now)
  }

  /// Stages one section; takes the set once it is whole. Whether there is more to fetch from this peer.
  private mutating func take(_ section: Section, _ before: Fetches.Fetch, from peer: OwnerID, now: Moment) -> Bool {
    let owner = section.head.owner
    do throws(Refusal) {
      var fetch = before
      if section.whole && section.after == .zero { fetch.restart() }
      guard section.whole == fetch.whole, section.after == fetch.reached else { throw Refusal.outOfOrder(owner) }
      var verified = try verified(section, headIsKnown: fetch.head == section.head, now: now)
      fetch.head = section.head
      fetch.staged += verified.entries
      fetch.stagedBytes += section.records.reduce(0) { $0 + $1.encodedCount }
      guard fetch.staged.count <= 2 * ReplicationLimits.ownerRecords else { throw Refusal.tooManyRecords(owner) }
      guard fetch.stagedBytes <= 2 * ReplicationLimits.ownerBytes else { throw Refusal.tooManyBytes(owner) }
      if section.more {
        guard !section.records.isEmpty else { throw Refusal.incomplete(owner) }
        fetches.put(fetch, of: owner)
        guard fetches.stagedBytes > ReplicationLimits.stagedBytes else { return true }
        fetches.drop(owner)  // others go first; the next exchange finds it again
        return false
      }
      verified.entries = fetch.staged
      if owner == self.owner {
        try recover(section.head, verified)
      } else {
        try accept(
          section.head,
          verified,
          whole: fetch.whole,
          from: peer,
          hops: fetch.hops,
          now: now
        )
      }
      fetches.drop(owner)
    } catch {
      refuse(error, from: peer)
      refused(owner, error, from: peer, now: now)
    }
    return false
  }

  /// After a refusal: asks another peer for the whole set if that can help, else leaves the owner alone for a while.
  mutating func refused(_ owner: OwnerID, _ refusal: Refusal, from peer: OwnerID, now: Moment) {
    let fetch = fetches[owner]
    var next = fetch ?? Fetches.Fetch(peer: peer, after: .zero, whole: true, hops: nil, attempts: 0)
    next.restart()
    next.attempts += 1
    switch refusal {
    case .forgottenHistory:
      // The owner can put this right, if only it learns what it wrote.
      if let set = store[owner], members.isAlive(owner) {
        send(.digest(DigestPage(wantsReply: false, complete: 0, entries: [DigestPage.Entry(set)])), to: owner)
      }
    case .incomplete, .outOfOrder, .badSignature, .notAdmitted:
      // A forged announcement alone is no reason to ask for anything.
      guard fetch != nil || refusal == .incomplete(owner), next.attempts <= ReplicationLimits.pullAttempts else {
        break
      }
      // A change that does not fit what is held may be honest: the peer gets a chance to give it all.
      let isWhole = fetch?.whole ?? true
      guard let other = isWhole ? otherPeer(for: owner, than: peer) : peer else { break }
      fetches.put(next, of: owner)
      return ask([owner], other, now)
    default: break
    }
    if fetch != nil { fetches.drop(owner) }
    fetches.pause(owner, from: peer, now: now)
  }

  /// The owner itself if it can be asked, else some peer.
  private mutating func otherPeer(for owner: OwnerID, than peer: OwnerID) -> OwnerID? {
    if owner != self.owner && owner != peer && members.isAlive(owner) { return owner }
    return members.sample(1, without: [self.owner, peer], by: &random).first
  }

  /// Asks another peer for what was not answered in time. What was staged is kept.
  mutating func retryOverdue(_ now: Moment) {
    var retried: [OwnerID: [OwnerID]] = [:]
    for owner in fetches.overdue(now) {
      guard var fetch = fetches[owner] else { continue }
      counters.timeouts += 1
      fetch.attempts += 1
      guard fetch.attempts <= ReplicationLimits.pullAttempts else {
        fetches.drop(owner)
        continue
      }
      fetches.put(fetch, of: owner)
      retried[fetch.peer, default: []].append(owner)
    }
    for (peer, owners) in retried.sorted(by: { $0.key < $1.key }) {
      // A lone peer is asked again: the request may have been lost.
      let other = members.sample(1, without: [owner, peer], by: &random).first
      ask(owners, other ?? peer, now)
    }
  }
}
