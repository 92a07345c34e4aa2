/// What the agent has to do, in this order.
///
/// A `persist` must be on disk before any directive after it, of this call or a later one, is carried out. If it
/// fails, put back the replica's value of before the call and drop the rest: nobody has heard of it.
public enum Directive: Hashable, Sendable {
  /// Make this durable.
  case persist(Batch)
  /// The local write up to this version is durable; tell its writer.
  case acknowledged(Version)
  /// Feed these to the catalogue.
  case applied([Change])
  /// Send this to a peer. It may be lost.
  case send(Message, to: OwnerID)
  /// Say that this was refused; the peer is nil where it is nobody's in particular.
  case refused(Refusal, from: OwnerID?)
  /// Two or more live hosts have this name. Their records are kept apart.
  case nameConflict(String, [OwnerID])
}

/// What changes on disk, in one transaction.
public struct Batch: Hashable, Sendable {
  /// Whose records.
  public let owner: OwnerID
  /// The owner's new head and credential; nil if all of the owner is to be removed.
  public let state: State?
  /// Records to put, by their keys.
  public let puts: [Record]
  /// Keys of records to remove.
  public let removes: [RecordKey]

  /// An owner's head and what admitted it.
  public struct State: Hashable, Sendable {
    /// The signed head.
    public let head: Head
    /// What admitted the owner.
    public let credential: [UInt8]
  }
}

/// All of an owner that is on disk, for a replica to start from.
public struct StoredOwner: Hashable, Sendable {
  /// The signed head.
  public let head: Head
  /// What admitted the owner.
  public let credential: [UInt8]
  /// The records, in any order.
  public let records: [Record]

  /// An owner as it was read from disk.
  public init(head: Head, credential: [UInt8], records: [Record]) {
    self.head = head
    self.credential = credential
    self.records = records
  }
}

/// A change of what a replica holds or of who is alive.
public enum Change: Hashable, Sendable {
  /// A record or tombstone is new under its key.
  case put(OwnerID, Record)
  /// Nothing is kept under the key any more.
  case dropped(OwnerID, RecordKey)
  /// The owner's bound records count from now on.
  case alive(OwnerID)
  /// They no longer count.
  case dead(OwnerID)
}

/// A local write.
public struct Write: Hashable, Sendable {
  /// What it is about.
  public let key: RecordKey
  /// How long it counts.
  public let lifetime: Lifetime
  /// The content; nil to delete.
  public let content: [UInt8]?

  /// A write of `content` under `key`; nil deletes.
  public init(_ key: RecordKey, _ lifetime: Lifetime, _ content: [UInt8]?) {
    self.key = key
    self.lifetime = lifetime
    self.content = content
  }
}

/// Counts since the replica started.
public struct ReplicationCounters: Hashable, Sendable {
  /// Sets of owners that were taken from peers.
  public internal(set) var applied: UInt64 = 0
  /// Heads that were no news: replayed, or just late.
  public internal(set) var stale: UInt64 = 0
  /// Announcements made or passed on.
  public internal(set) var announced: UInt64 = 0
  /// Announcements left to the exchanges, to bound pushes.
  public internal(set) var unannounced: UInt64 = 0
  /// Requests that were not answered in time.
  public internal(set) var timeouts: UInt64 = 0
  /// How often own records were taken back from peers.
  public internal(set) var recovered: UInt64 = 0
  /// Owners that were forgotten.
  public internal(set) var forgotten: UInt64 = 0
  /// Live hosts that came up with a name that was taken.
  public internal(set) var nameConflicts: UInt64 = 0
  /// Refusals by reason.
  public internal(set) var refused: [Refusal.Reason: UInt64] = [:]
}
