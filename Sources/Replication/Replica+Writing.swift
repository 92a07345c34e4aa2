extension Replica {
  /// A record of this owner's to be signed.
  struct Draft {
    var key: RecordKey
    var lifetime: Lifetime
    var stamp: Stamp
    var replaces: [Mark]
    var content: [UInt8]?

    /// A record once more, under a new version and with other content or the same.
    init(_ record: Record, content: [UInt8]?) {
      self.init(record.key, record.lifetime, stamp: record.stamp, replaces: record.replaces, content)
    }

    init(_ key: RecordKey, _ lifetime: Lifetime, stamp: Stamp, replaces: [Mark], _ content: [UInt8]?) {
      self.key = key
      self.lifetime = lifetime
      self.stamp = stamp
      self.replaces = replaces
      self.content = content
    }
  }

  /// Makes local writes, all or none. They are acknowledged once durable, then announced.
  ///
  /// What is written already is not written again, so agents may register what they have as often as they like.
  public mutating func write(_ writes: [Write], now: Moment) throws(WriteRefusal) -> [Directive] {
    allowances.advance(to: now)
    guard writes.count <= ReplicationLimits.batchWrites else { throw .tooManyWrites }
    var keys: Set<RecordKey> = []
    var drafts: [Draft] = []
    let own = store[owner]?.records(of: Set(writes.lazy.map(\.key))) ?? [:]
    for write in writes {
      guard write.key.isValid else { throw .invalidKey(write.key) }
      guard write.content?.count ?? 0 <= ReplicationLimits.contentBytes else { throw .contentTooLarge(write.key) }
      guard keys.insert(write.key).inserted else { throw .duplicateKey(write.key) }
      if let draft = draft(of: write, after: own[write.key], now) { drafts.append(draft) }
    }
    if drafts.isEmpty {
      output.append(.acknowledged(store[owner]?.head.last ?? .zero))
    } else {
      try commit(drafts, floor: store[owner]?.head.floor ?? .zero, acknowledges: true)
    }
    return takeOutput()
  }

  /// What to write after the owner's own record of the key; nil if it is so already.
  private func draft(of write: Write, after own: Record?, _ now: Moment) -> Draft? {
    let stamp = Stamp(wall_ms: now.wall_ms)
    var draft = Draft(write.key, write.lifetime, stamp: stamp, replaces: [], write.content)
    if let own { draft.stamp = max(draft.stamp, own.stamp.next) }
    switch write.lifetime {
    case .bound:
      let isSame = own.map { $0.lifetime == .bound && $0.content == write.content } ?? (write.content == nil)
      return isSame ? nil : draft
    case .lasting:
      draft.replaces = documents.marks(write.key)
      guard let document = documents[write.key] else { return write.content == nil && own == nil ? nil : draft }
      let isSame = document.winner.record.content == write.content && document.conflicts.isEmpty
      draft.stamp = max(draft.stamp, document.winner.record.stamp.next)
      return isSame ? nil : draft
    }
  }

  /// The version of this owner's next record or head.
  var nextVersion: Version {
    let last = store[owner]?.head.last ?? .zero
    return last.epoch == epoch ? Version(epoch: epoch, sequence: last.sequence + 1) : Version(epoch: epoch, sequence: 1)
  }

  /// Shows another credential from now on, of the same name and key. What is there already is not signed anew; its head is,
  /// and takes the credential to the others.
  public mutating func readmit(credential: [UInt8], now: Moment) throws(WriteRefusal) -> [Directive] {
    allowances.advance(to: now)
    let former = self.credential
    self.credential = credential
    guard former != credential, let floor = store[owner]?.head.floor else { return takeOutput() }
    do { try commit([], floor: floor) } catch {
      self.credential = former
      throw error
    }
    return takeOutput()
  }

  /// Signs drafts as the next records, raises the floor, and publishes. Without drafts only the head is renewed.
  mutating func commit(_ drafts: [Draft], floor: Version, acknowledges: Bool = false) throws(WriteRefusal) {
    var version = nextVersion
    var last = version
    var entries: [OwnerSet.Entry] = []
    for draft in drafts {
      var record = Record(
        key: draft.key,
        version: version,
        stamp: draft.stamp,
        lifetime: draft.lifetime,
        replaces: draft.replaces,
        content: draft.content,
        signature: []
      )
      let bytes = record.signedBytes(of: owner)
      guard let signature = keyring.sign(bytes) else { throw .cannotSign }
      record.signature = signature
      entries.append(OwnerSet.Entry(record: record, hash: keyring.hash(bytes)))
      last = version
      version.sequence += 1
    }
    let contents = OwnerContents(of: owner, base: store[owner]?.records, adding: entries, floor: floor)
    let head = try signedHead(of: contents, last: last, floor: floor)
    let before = before(owner)
    install(contents, head, credential, acknowledging: acknowledges ? last : nil)
    announce(owner, after: before, hops: 0, from: nil)
  }

  /// A head of this owner's for contents that are within the bounds.
  private func signedHead(
    of contents: OwnerContents,
    last: Version,
    floor: Version
  ) throws(WriteRefusal) -> Head {
    guard contents.count <= ReplicationLimits.ownerRecords else { throw .tooManyRecords }
    guard contents.byteCount <= ReplicationLimits.ownerBytes else { throw .tooManyBytes }
    var head = Head(
      owner: owner,
      last: last,
      past: past,
      floor: floor,
      count: UInt32(contents.count),
      digest: contents.digest,
      signature: []
    )
    guard let signature = keyring.sign(head.signedBytes) else { throw .cannotSign }
    head.signature = signature
    return head
  }
}
