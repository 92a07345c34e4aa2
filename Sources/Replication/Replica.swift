/// One agent's copy of all records, and its part in the protocol: inputs in, directives out.
///
/// A value without clock, descriptor or thread. Calls return what to do, in order; `Directive` says what order means.
public struct Replica: Sendable {
  /// Who this is.
  public let owner: OwnerID
  /// Counts since the start.
  public internal(set) var counters = ReplicationCounters()

  var credential: [UInt8]
  let keyring: any Keyring
  var random: Randomness
  var allowances = Allowances()

  var store: Store
  var documents: Documents
  var members: Members
  /// Since when owners that are known have been dead, by the monotonic clock.
  var deadSince_ms: [OwnerID: UInt64] = [:]

  /// The epoch of this run's writes.
  var epoch: UInt64
  /// What is known of this owner's writes before this epoch.
  var past: Past

  var fetches = Fetches()
  var exchangeAt_ms: UInt64
  var upkeepAt_ms: UInt64
  var output: [Directive] = []

  /// A replica with what was on disk.
  ///
  /// A stored set that does not fit its head is left out and reported by `restore`; peers have it. What is on disk is
  /// trusted like the key beside it, so signatures are not verified again.
  public init(
    owner: OwnerID,
    credential: [UInt8],
    keyring: any Keyring,
    seed: UInt64,
    restoring stored: [StoredOwner],
    now: Moment
  ) {
    var store = Store()
    var documents = Documents()
    for one in stored {
      guard let set = OwnerSet(restoring: one, keyring: keyring) else { continue }
      store.put(set, offered: set.isLasting || set.head.owner == owner)
      for entry in set.entries { documents.apply(.put(set.head.owner, entry.record)) }
    }
    var members = Members()
    _ = members.add(owner)
    self.init(
      owner: owner,
      credential: credential,
      keyring: keyring,
      seed: seed,
      store: store,
      documents: documents,
      members: members,
      now: now
    )
    for set in store.sets where set.head.owner != owner { deadSince_ms[set.head.owner] = now.monotonic_ms }
  }

  /// A replica of values that may be shared with others: simulations start a thousand from one store.
  init(
    owner: OwnerID,
    credential: [UInt8],
    keyring: any Keyring,
    seed: UInt64,
    store: Store,
    documents: Documents,
    members: Members,
    now: Moment
  ) {
    self.owner = owner
    self.credential = credential
    self.keyring = keyring
    self.store = store
    self.documents = documents
    self.members = members
    random = Randomness(seed: seed)
    let last = store[owner]?.head.last ?? .zero
    past = store[owner]?.head.past ?? Past()
    past.add(last)
    // Later than any epoch of before, even if the disk was lost or put back to an older state.
    epoch = max(last.epoch + 1, now.wall_ms)
    exchangeAt_ms = now.monotonic_ms + random.next() % ReplicationLimits.exchangeInterval_ms
    upkeepAt_ms = now.monotonic_ms + random.jittered(ReplicationLimits.upkeepInterval_ms)
  }

  /// All that a catalogue has to know to begin with.
  public var contents: [Change] {
    let puts = store.sets.flatMap { set in set.entries.map { Change.put(set.head.owner, $0.record) } }
    return members.alive.map { .alive($0) } + puts
  }

  /// A document as this replica sees it.
  public func document(_ key: RecordKey) -> Document? { documents[key] }

  /// This owner's own record or tombstone under a key.
  public func ownRecord(_ key: RecordKey) -> Record? { store[owner]?[key]?.record }

  /// All of this owner's records and tombstones, ascending by version.
  var ownRecords: [Record] { store[owner].map { $0.entries.map(\.record) } ?? [] }

  /// When `tick` has something to do, by the monotonic clock.
  public var deadline_ms: UInt64 { min(exchangeAt_ms, upkeepAt_ms, fetches.deadline_ms ?? .max) }

  /// Does what is due.
  public mutating func tick(_ now: Moment) -> [Directive] {
    allowances.advance(to: now)
    if now.monotonic_ms >= exchangeAt_ms {
      exchangeAt_ms = now.monotonic_ms + random.jittered(ReplicationLimits.exchangeInterval_ms)
      startExchange()
    }
    if now.monotonic_ms >= upkeepAt_ms {
      upkeepAt_ms = now.monotonic_ms + random.jittered(ReplicationLimits.upkeepInterval_ms)
      upkeep(now)
    }
    retryOverdue(now)
    return takeOutput()
  }

  /// Takes a message of a peer that has authenticated itself.
  public mutating func receive(_ message: Message, from peer: OwnerID, now: Moment) -> [Directive] {
    allowances.advance(to: now)
    guard allowances.takeMessage(from: peer) else {
      refuse(.flood, from: peer)
      return takeOutput()
    }
    switch message {
    case .summary(let summary): receive(summary, from: peer)
    case .digest(let page): receive(page, from: peer, now: now)
    case .pull(let pull): serve(pull, to: peer)
    case .records(let records): receive(records, from: peer, now: now)
    case .announcement(let announcement): receive(announcement, from: peer, now: now)
    }
    return takeOutput()
  }

  /// Takes the bytes of a message.
  public mutating func receive(encoded bytes: [UInt8], from peer: OwnerID, now: Moment) -> [Directive] {
    do {
      return receive(try Message(decoding: bytes), from: peer, now: now)
    } catch {
      refuse(.malformed(error), from: peer)
      return takeOutput()
    }
  }

  mutating func send(_ message: Message, to peer: OwnerID) { output.append(.send(message, to: peer)) }

  mutating func refuse(_ refusal: Refusal, from peer: OwnerID?) {
    counters.refused[refusal.reason, default: 0] += 1
    output.append(.refused(refusal, from: peer))
  }

  mutating func takeOutput() -> [Directive] {
    defer { output = [] }
    return output
  }
}

extension OwnerSet {
  /// A set from disk; nil if its records are not those of its head.
  init?(restoring stored: StoredOwner, keyring: any Keyring) {
    let owner = stored.head.owner
    let records = stored.records.sorted { $0.version < $1.version }
    let entries = records.map { Entry(record: $0, hash: keyring.hash($0.signedBytes(of: owner))) }
    let contents = OwnerContents(of: owner, base: nil, replacedBy: entries)
    guard contents.digest == stored.head.digest, contents.count == stored.head.count else { return nil }
    self.init(head: stored.head, credential: stored.credential, records: contents.table, keyring: keyring)
  }
}
