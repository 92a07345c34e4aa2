/// Owners whose records are being fetched.
struct Fetches: Sendable {
  /// One owner's records on their way. They are staged until the set is whole.
  struct Fetch: Sendable {
    var peer: OwnerID
    var request: UInt32 = 0
    var sentAt_ms: UInt64 = 0
    /// Further than this records are fetched; all of them if `whole`.
    var after: Version
    var whole: Bool
    /// How often an announcement of the set was passed on; nil if it is not to be.
    var hops: UInt8?
    var attempts = 1
    /// The head whose signature was verified last.
    var head: Head?
    var staged: [OwnerSet.Entry] = []
    var stagedBytes = 0

    /// How far the fetch has come.
    var reached: Version { staged.last?.record.version ?? after }

    /// Begins again with the set's first record.
    mutating func restart() {
      (after, whole, staged, stagedBytes) = (.zero, true, [], 0)
    }
  }

  /// What a peer was asked for.
  struct Request: Sendable {
    var peer: OwnerID
    var owners: [OwnerID]
    var sentAt_ms: UInt64
  }

  private(set) var fetches: [OwnerID: Fetch] = [:]
  var requests: [UInt32: Request] = [:]
  /// Whose records were refused, from whom, and until when exchanges do not ask that peer for them again. Others are
  /// asked, so that a hostile peer keeps nobody from an owner's records.
  private var pauses: [OwnerID: (peer: OwnerID, until_ms: UInt64)] = [:]
  private(set) var stagedBytes = 0
  private var lastRequest: UInt32 = 0
  /// When some request may be overdue.
  private(set) var deadline_ms: UInt64?

  subscript(owner: OwnerID) -> Fetch? { fetches[owner] }

  mutating func put(_ fetch: Fetch, of owner: OwnerID) {
    stagedBytes += fetch.stagedBytes - (fetches[owner]?.stagedBytes ?? 0)
    fetches[owner] = fetch
  }

  mutating func drop(_ owner: OwnerID) {
    guard let fetch = fetches.removeValue(forKey: owner) else { return }
    stagedBytes -= fetch.stagedBytes
    if fetches.isEmpty { deadline_ms = nil }
  }

  /// A request to `peer` for fetches that have begun.
  mutating func request(_ owners: [OwnerID], from peer: OwnerID, now: Moment) -> Pull {
    lastRequest &+= 1
    requests[lastRequest] = Request(peer: peer, owners: owners, sentAt_ms: now.monotonic_ms)
    deadline_ms = min(deadline_ms ?? .max, now.monotonic_ms + ReplicationLimits.pullTimeout_ms)
    var wants: [Pull.Want] = []
    for owner in owners {
      guard var fetch = fetches[owner] else { continue }
      (fetch.peer, fetch.request, fetch.sentAt_ms) = (peer, lastRequest, now.monotonic_ms)
      fetches[owner] = fetch
      wants.append(Pull.Want(owner: owner, after: fetch.reached, whole: fetch.whole))
    }
    return Pull(request: lastRequest, wants: wants)
  }

  mutating func pause(_ owner: OwnerID, from peer: OwnerID, now: Moment) {
    guard pauses.count < ReplicationLimits.owners || pauses[owner] != nil else { return }
    pauses[owner] = (peer, now.monotonic_ms + ReplicationLimits.refusedPause_ms)
  }

  func isPaused(_ owner: OwnerID, from peer: OwnerID, now: Moment) -> Bool {
    pauses[owner].map { $0.peer == peer && $0.until_ms > now.monotonic_ms } ?? false
  }

  /// Owners whose request was not answered in time.
  mutating func overdue(_ now: Moment) -> [OwnerID] {
    guard let deadline_ms, now.monotonic_ms >= deadline_ms else { return [] }
    let timeout = ReplicationLimits.pullTimeout_ms
    let overdue = fetches.filter { $0.value.sentAt_ms + timeout <= now.monotonic_ms }.keys
    self.deadline_ms = fetches.values.lazy.map { $0.sentAt_ms + timeout }.filter { $0 > now.monotonic_ms }.min()
    return overdue.sorted()
  }

  /// Ends pauses that are over, and forgets requests whose answers are not even late any more. Until then a late answer
  /// is told from one that nobody asked for.
  mutating func prune(_ now: Moment) {
    requests = requests.filter { $0.value.sentAt_ms + 8 * ReplicationLimits.pullTimeout_ms > now.monotonic_ms }
    pauses = pauses.filter { $0.value.until_ms > now.monotonic_ms }
  }
}
