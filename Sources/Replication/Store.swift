/// The sets of all owners, with a sum for each bucket of them.
struct Store: Sendable {
  private(set) var sets: [OwnerSet] = []
  private var slots: [OwnerID: Int] = [:]
  /// Slots by bucket, so that a difference is looked at without a walk over all owners.
  private var slotsOfBucket = [[Int]](repeating: [], count: ReplicationLimits.buckets)
  /// By slot: whether the set takes part in exchanges. Endpoints of the dead do not.
  private var isOffered: [Bool] = []
  private(set) var buckets = [UInt64](repeating: 0, count: ReplicationLimits.buckets)

  var count: Int { sets.count }

  subscript(owner: OwnerID) -> OwnerSet? { slots[owner].map { sets[$0] } }

  mutating func put(_ set: OwnerSet, offered: Bool) {
    let owner = set.head.owner
    if let slot = slots[owner] {
      if isOffered[slot] { buckets[owner.bucket] &-= sets[slot].word }
      sets[slot] = set
      if isOffered[slot] != offered { isOffered[slot] = offered }
    } else {
      slots[owner] = sets.count
      slotsOfBucket[owner.bucket].append(sets.count)
      sets.append(set)
      isOffered.append(offered)
    }
    if offered { buckets[owner.bucket] &+= set.word }
  }

  /// Takes the next step of an owner's set in place, or the first set of an owner.
  mutating func take(
    _ contents: OwnerContents,
    head: Head,
    credential: [UInt8],
    keyring: any Keyring,
    isAlive: Bool
  ) {
    guard let slot = slots[head.owner] else {
      let set = OwnerSet(head: head, credential: credential, records: contents.table, keyring: keyring)
      return put(set, offered: isAlive || set.isLasting)
    }
    if isOffered[slot] { buckets[head.owner.bucket] &-= sets[slot].word }
    sets[slot].take(contents, head: head, credential: credential, keyring: keyring)
    isOffered[slot] = isAlive || sets[slot].isLasting
    if isOffered[slot] { buckets[head.owner.bucket] &+= sets[slot].word }
  }

  mutating func offer(_ owner: OwnerID, _ offered: Bool) {
    guard let slot = slots[owner], isOffered[slot] != offered else { return }
    isOffered[slot] = offered
    if offered { buckets[owner.bucket] &+= sets[slot].word } else { buckets[owner.bucket] &-= sets[slot].word }
  }

  mutating func remove(_ owner: OwnerID) {
    offer(owner, false)
    guard let slot = slots.removeValue(forKey: owner) else { return }
    slotsOfBucket[owner.bucket].removeAll { $0 == slot }
    let last = sets.count - 1
    if slot != last {
      let moved = sets[last].head.owner
      sets[slot] = sets[last]
      isOffered[slot] = isOffered[last]
      slots[moved] = slot
      slotsOfBucket[moved.bucket].removeAll { $0 == last }
      slotsOfBucket[moved.bucket].append(slot)
    }
    sets.removeLast()
    isOffered.removeLast()
  }

  /// The sets of a bucket that take part in exchanges.
  func offered(in bucket: Int) -> [OwnerSet] { slotsOfBucket[bucket].filter { isOffered[$0] }.map { sets[$0] } }
}
