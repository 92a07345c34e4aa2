/// Why something from a peer was not taken. Nothing of it was applied.
public enum Refusal: Error, Hashable, Sendable {
  /// Bytes that are no message.
  case malformed(CodecError)
  /// The peer sends, or asks for, more than a peer may in a second.
  case flood
  /// An answer that nobody asked for, or another peer than the asked one gave.
  case unsolicited
  /// The owner's credential is missing or does not prove its name.
  case notAdmitted(OwnerID)
  /// A head or record that its owner did not sign: forged, or damaged on the way.
  case badSignature(OwnerID)
  /// A stamp too far ahead of this host's clock: one of the two clocks is wrong. Tried again, so it heals with the clock.
  case clockAhead(OwnerID, by_ms: UInt64)
  /// There are too many owners already.
  case tooManyOwners(OwnerID)
  /// The owner has too many records.
  case tooManyRecords(OwnerID)
  /// The owner's records are too large together.
  case tooManyBytes(OwnerID)
  /// Records are missing, or not those that the owner's head speaks of: the peer withheld some or replayed old ones.
  case incomplete(OwnerID)
  /// Records that do not go on where the last ones ended.
  case outOfOrder(OwnerID)
  /// The owner no longer knows of writes that this replica holds. It is told, and takes them back.
  case forgottenHistory(OwnerID)
  /// The owner signed two sets under one version: its key is in use twice. The set with the greater digest was taken.
  case forked(OwnerID)
  /// Peers hold records of this replica's own that it did not write since it started, and that no earlier run left on
  /// its disk: a lost disk, or a second process with the same key. They are taken back.
  case ownPastElsewhere

  /// The kind of refusal, for counting.
  public enum Reason: String, CaseIterable, Sendable {
    case malformed, flood, unsolicited, notAdmitted, badSignature, clockAhead, tooManyOwners, tooManyRecords
    case tooManyBytes, incomplete, outOfOrder, forgottenHistory, forked, ownPastElsewhere
  }

  /// The kind of this refusal.
  public var reason: Reason {
    switch self {
    case .malformed: .malformed
    case .flood: .flood
    case .unsolicited: .unsolicited
    case .notAdmitted: .notAdmitted
    case .badSignature: .badSignature
    case .clockAhead: .clockAhead
    case .tooManyOwners: .tooManyOwners
    case .tooManyRecords: .tooManyRecords
    case .tooManyBytes: .tooManyBytes
    case .incomplete: .incomplete
    case .outOfOrder: .outOfOrder
    case .forgottenHistory: .forgottenHistory
    case .forked: .forked
    case .ownPastElsewhere: .ownPastElsewhere
    }
  }
}

extension Refusal: CustomStringConvertible {
  /// What was refused, of whom, and what to check, as a line of a journal says it.
  public var description: String {
    switch self {
    case .malformed(let fault): "what came is no message (\(fault)); is the peer's agent of another version?"
    case .flood: "the peer sends or asks for more than one may in a second"
    case .unsolicited: "an answer that this host did not ask that peer for"
    case .notAdmitted(let owner):
      "\(owner)'s credential is missing, or no root that this host knows has signed it; where its root is forgotten it has to join anew"
    case .badSignature(let owner): "\(owner) has not signed this: it is forged, or was damaged on the way"
    case .clockAhead(let owner, let by_ms):
      "\(owner) wrote it \(by_ms / 1_000) s ahead of this host's clock; check the clocks of both"
    case .tooManyOwners(let owner):
      "\(owner) is one host too many: \(ReplicationLimits.owners) are known; `weft forget` drops those that will not come back"
    case .tooManyRecords(let owner): "\(owner) has more than \(ReplicationLimits.ownerRecords) records"
    case .tooManyBytes(let owner): "\(owner)'s records have more than \(ReplicationLimits.ownerBytes) bytes together"
    case .incomplete(let owner):
      "records of \(owner) are missing, or not those that it signed for: the peer withheld some, or repeats old ones"
    case .outOfOrder(let owner): "records of \(owner) do not go on where the last ones ended"
    case .forgottenHistory(let owner):
      "\(owner) knows no more of records of its own that this host has; it is told, and takes them back"
    case .forked(let owner):
      "\(owner) signed two sets as one version: two agents have its key; is one's disk a copy of the other's?"
    case .ownPastElsewhere:
      "others have records of this host's that it knows nothing of: its disk was lost, or another agent has its key; it takes them back"
    }
  }
}

/// Why a local write was not made. Nothing of its batch was.
public enum WriteRefusal: Error, Hashable, Sendable {
  /// Names that are empty or too long.
  case invalidKey(RecordKey)
  /// Content beyond `ReplicationLimits.contentBytes`.
  case contentTooLarge(RecordKey)
  /// One key twice in a batch.
  case duplicateKey(RecordKey)
  /// More than `ReplicationLimits.batchWrites`.
  case tooManyWrites
  /// This host would have more than `ReplicationLimits.ownerRecords`.
  case tooManyRecords
  /// This host's records would be larger than `ReplicationLimits.ownerBytes`.
  case tooManyBytes
  /// The key did not sign.
  case cannotSign
}
