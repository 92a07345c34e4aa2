/// Every bound of the protocol: what a broken or hostile agent can make another hold, send or compute.
public enum ReplicationLimits {
  /// Bytes of an encoded message: a few of the largest records, and short enough to share a connection with others.
  public static let messageBytes = 1 << 20
  /// Bytes of a record's content, as of one document: a quarter of etcd's default for one, so a message holds three.
  public static let contentBytes = 256 << 10
  /// Bytes of a host's or a record's name (RFC 1123 subdomain).
  public static let nameBytes = 253
  /// Bytes of a kind or a namespace (RFC 1123 label).
  public static let labelBytes = 63
  /// Bytes of a signature: DER-encoded P-256 is 72, Ed25519 is 64.
  public static let signatureBytes = 128
  /// Bytes of what proves an owner's right to its name: a certificate chain of two.
  public static let credentialBytes = 4 << 10
  /// Writers of one document that a record can name as seen; beyond them a conflict may be shown that is none.
  public static let marks = 32

  /// Owners, live and dead: eight times the largest mesh that is simulated.
  public static let owners = 8_192
  /// Records of one owner, tombstones too: all services and endpoint slices that a mesh may have, written on one host.
  public static let ownerRecords = 32_768
  /// Bytes of one owner's records.
  public static let ownerBytes = 16 << 20
  /// Starts of an owner's agent that its head remembers: what was lost so many starts ago is taken for known.
  public static let pastEpochs = 8
  /// Writes in one batch.
  public static let batchWrites = 1_024

  /// Groups that owners are summed up in: 16 owners in each with 1,000 hosts, so that a difference costs a page of them.
  public static let buckets = 64
  /// Bytes of one page of a digest.
  public static let digestBytes = 256 << 10
  /// Owners asked for in one message.
  public static let wants = 64
  /// Owners being fetched at a time; the others are found again by the next exchange.
  public static let pulls = 1_024
  /// Bytes of records fetched and not yet whole, of all owners: an agent's memory in the worst case.
  public static let stagedBytes = 64 << 20
  /// How often a fetch is tried with another peer before it is left to the next exchange.
  public static let pullAttempts = 3
  /// Until a request counts as lost: ten round trips of a slow network.
  public static let pullTimeout_ms: UInt64 = 500
  /// Until a peer is asked again for an owner whose records it gave were refused.
  public static let refusedPause_ms: UInt64 = 1_000

  /// Mean time between a replica's exchanges; the last few hosts that a push missed wait for one.
  public static let exchangeInterval_ms: UInt64 = 1_000
  /// Peers that a change is pushed to: four leave 2 % of the hosts to the exchanges, three would leave 6 %.
  public static let fanout = 4
  /// Hops of a push: twice what 1,000 hosts need.
  public static let hops: UInt8 = 10
  /// Bytes of records pushed along with an announcement; larger ones are fetched once instead of received four times.
  public static let eagerBytes = 8 << 10
  /// Announcements that a replica passes on in a second; what is beyond is left to the exchanges, which join changes.
  public static let relaysPerSecond = 200

  /// Messages taken from one peer in a second: a join of 8,192 owners needs 128 requests.
  public static let peerMessagesPerSecond = 512
  /// Bytes of records and digests sent to one peer in a second on its request.
  public static let peerServedBytesPerSecond = 16 << 20

  /// How far a stamp may be ahead of the receiver's clock: one host a day fast, the other a day slow, an hour to spare.
  public static let clockLead_ms: UInt64 = 49 * 3_600_000
  /// Age of the winner at which its owner's rivals empty what it has replaced: longer than clocks may differ, so all
  /// hosts have the winner.
  public static let lastingRetention_ms: UInt64 = 72 * 3_600_000
  /// Age at which a deleted document's tombstone is dropped: later than rivals have emptied what it hides. A partition
  /// that lasts longer can bring a document back that was deleted meanwhile.
  public static let tombstoneRetention_ms: UInt64 = 2 * lastingRetention_ms
  /// Age at which a tombstone of an endpoint record is dropped: it only spares receivers a fetch of the whole set.
  public static let boundRetention_ms: UInt64 = 600_000
  /// Until a dead owner without documents is forgotten.
  public static let deadOwnerRetention_ms: UInt64 = 24 * 3_600_000
  /// Between looks for tombstones to drop and owners to forget.
  public static let upkeepInterval_ms: UInt64 = 60_000
}
