extension Replica {
  /// Shows one random live peer all that is held here, in sums.
  mutating func startExchange() {
    guard let peer = members.sample(1, without: [owner], by: &random).first else { return }
    send(.summary(Summary(buckets: store.buckets)), to: peer)
  }

  /// Answers with the owners of the buckets that differ, or not at all if none does.
  mutating func receive(_ summary: Summary, from peer: OwnerID) {
    guard summary.buckets != store.buckets else { return }
    let differing = store.buckets.indices.filter { summary.buckets[$0] != store.buckets[$0] }
    var page = DigestPage(wantsReply: true, complete: 0, entries: [])
    var size = 0
    for bucket in differing {
      let sets = store.offered(in: bucket)
      for set in sets {
        let entry = DigestPage.Entry(set)
        if size + entry.encodedCount > ReplicationLimits.digestBytes {
          sendDigest(page, size, to: peer)
          page = DigestPage(wantsReply: true, complete: 0, entries: [])
          size = 0
        }
        page.entries.append(entry)
        size += entry.encodedCount
      }
      // A bucket that began on an earlier page is not whole on this one; the next exchange sees what that leaves.
      if page.entries.count >= sets.count { page.complete |= 1 << UInt64(bucket) }
    }
    sendDigest(page, size, to: peer)
  }

  /// Sends a page within what the peer may be sent in a second.
  private mutating func sendDigest(_ page: DigestPage, _ size: Int, to peer: OwnerID) {
    guard allowances.servable(to: peer) >= size else { return refuse(.flood, from: peer) }
    allowances.served(size, to: peer)
    send(.digest(page), to: peer)
  }

  /// Asks for what is newer there, and tells what is newer here.
  mutating func receive(_ page: DigestPage, from peer: OwnerID, now: Moment) {
    var wants: [Pull.Want] = []
    var newer: [DigestPage.Entry] = []
    for entry in page.entries {
      let mine = store[entry.owner]
      if let mine, entry.position < mine.position { newer.append(DigestPage.Entry(mine)) }
      if entry.owner == owner {
        receiveOwn(entry.position, from: peer, now: now)
      } else if let mine {
        guard entry.position > mine.position else { continue }
        let isForked = entry.position.last == mine.head.last
        wants.append(Pull.Want(owner: entry.owner, after: isForked ? .zero : mine.head.last, whole: isForked))
      } else if entry.isLasting || members.isAlive(entry.owner) {
        wants.append(Pull.Want(owner: entry.owner, after: .zero, whole: true))
      }
    }
    fetch(wants, from: peer, hops: nil, now: now)
    guard page.wantsReply else { return }
    if page.complete != 0 {
      let listed = Set(page.entries.lazy.map(\.owner))
      for bucket in store.buckets.indices where page.complete & 1 << UInt64(bucket) != 0 {
        newer += store.offered(in: bucket).filter { !listed.contains($0.head.owner) }.map { DigestPage.Entry($0) }
      }
    }
    reply(newer, to: peer)
  }

  private mutating func reply(_ newer: [DigestPage.Entry], to peer: OwnerID) {
    var rest = newer[...]
    while !rest.isEmpty {
      var size = 0
      let page = rest.prefix { entry in
        size += entry.encodedCount
        return size <= ReplicationLimits.digestBytes
      }
      sendDigest(DigestPage(wantsReply: false, complete: 0, entries: Array(page)), size, to: peer)
      rest = rest.dropFirst(page.count)
    }
  }
}

extension DigestPage.Entry {
  init(_ set: OwnerSet) { self.init(owner: set.head.owner, position: set.position, isLasting: set.isLasting) }
}
