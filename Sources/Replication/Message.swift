/// What agents say to each other. docs/replication.md has the table.
public enum Message: Hashable, Sendable {
  /// All that the sender holds, in sums; starts an exchange.
  case summary(Summary)
  /// How far the sender is with the owners of the buckets that differ.
  case digest(DigestPage)
  /// A request for records.
  case pull(Pull)
  /// The answer to it.
  case records(Records)
  /// An owner's set has just changed.
  case announcement(Announcement)
}

/// One sum for each bucket of owners.
public struct Summary: Hashable, Sendable {
  var buckets: [UInt64]
}

/// One page of owners and how far the sender is with each.
public struct DigestPage: Hashable, Sendable {
  struct Entry: Hashable, Sendable {
    var owner: OwnerID
    var position: Position
    /// The set has documents, so it counts even if the owner is dead.
    var isLasting: Bool
  }

  /// Whether the receiver shall say in turn what the sender lacks.
  var wantsReply: Bool
  /// Bit n: the page has all owners of bucket n, so that others that the receiver has are unknown to the sender.
  var complete: UInt64
  var entries: [Entry]
}

/// A request for the records of some owners.
public struct Pull: Hashable, Sendable {
  struct Want: Hashable, Sendable {
    var owner: OwnerID
    /// Records up to here are known.
    var after: Version
    /// The whole set is being fetched, and `after` is how far that has come.
    var whole: Bool
  }

  var request: UInt32
  var wants: [Want]
}

/// Records of some owners, on request.
public struct Records: Hashable, Sendable {
  /// The request that is answered.
  var request: UInt32
  /// How many of its wants were looked at before the message was full. Of these, owners without a section have nothing
  /// newer.
  var served: UInt16
  var sections: [Section]
}

/// Some of one owner's records.
public struct Section: Hashable, Sendable {
  var head: Head
  /// What admits the owner; empty where the receiver should have it.
  var credential: [UInt8]
  /// The records begin with the set's first, not with those after what the receiver has.
  var whole: Bool
  /// The records are all those later than this, ascending.
  var after: Version
  /// There are more after these; fetch them.
  var more: Bool
  var records: [Record]
}

/// A change, pushed from host to host.
public struct Announcement: Hashable, Sendable {
  /// How often it has been passed on.
  var hops: UInt8
  var section: Section
}
