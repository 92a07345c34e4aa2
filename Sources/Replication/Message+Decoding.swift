extension Message {
  /// Reads one message, which must be all of `bytes`.
  ///
  /// - Throws: `CodecError` for anything but what `encoded()` makes, or beyond a bound of `ReplicationLimits`.
  public init(decoding bytes: [UInt8]) throws(CodecError) {
    guard bytes.count <= ReplicationLimits.messageBytes else { throw .tooMany(limit: ReplicationLimits.messageBytes) }
    var reader = ByteReader(bytes)
    let version = try reader.number(UInt8.self)
    guard version == Self.protocolVersion else { throw .unsupportedVersion(version) }
    guard let code = Code(rawValue: try reader.number()) else { throw .invalid("message type") }
    switch code {
    case .summary:
      var sums: [UInt64] = []
      sums.reserveCapacity(ReplicationLimits.buckets)
      for _ in 0..<ReplicationLimits.buckets { sums.append(try reader.number()) }
      self = .summary(Summary(buckets: sums))
    case .digest: self = .digest(try reader.digestPage())
    case .pull: self = .pull(try reader.pull())
    case .records:
      let request = try reader.number(UInt32.self)
      let served = try reader.number(UInt16.self)
      var sections: [Section] = []
      for _ in 0..<(try reader.count(UInt16.self, limit: ReplicationLimits.wants)) {
        sections.append(try reader.section())
      }
      self = .records(Records(request: request, served: served, sections: sections))
    case .announcement:
      self = .announcement(Announcement(hops: try reader.number(), section: try reader.section()))
    }
    try reader.end()
  }
}

extension ByteReader {
  fileprivate mutating func digestPage() throws(CodecError) -> DigestPage {
    let wantsReply = try flag()
    let complete = try number(UInt64.self)
    var entries: [DigestPage.Entry] = []
    for _ in 0..<(try count(UInt16.self, limit: ReplicationLimits.owners)) {
      let owner = try owner()
      let position = Position(last: try version(), digest: SetDigest(value: try number()))
      entries.append(DigestPage.Entry(owner: owner, position: position, isLasting: try flag()))
    }
    return DigestPage(wantsReply: wantsReply, complete: complete, entries: entries)
  }

  fileprivate mutating func pull() throws(CodecError) -> Pull {
    let request = try number(UInt32.self)
    var wants: [Pull.Want] = []
    for _ in 0..<(try count(UInt8.self, limit: ReplicationLimits.wants)) {
      wants.append(Pull.Want(owner: try owner(), after: try version(), whole: try flag()))
    }
    return Pull(request: request, wants: wants)
  }

  fileprivate mutating func section() throws(CodecError) -> Section {
    let head = try head()
    let credential = try block(UInt16.self, limit: ReplicationLimits.credentialBytes)
    let whole = try flag()
    let after = try version()
    let more = try flag()
    var records: [Record] = []
    var last = after
    for _ in 0..<(try count(UInt16.self, limit: ReplicationLimits.ownerRecords)) {
      let record = try record()
      guard record.version > last else { throw .invalid("order of records") }
      last = record.version
      records.append(record)
    }
    guard last <= head.last else { throw .invalid("last version") }
    return Section(head: head, credential: credential, whole: whole, after: after, more: more, records: records)
  }
}
