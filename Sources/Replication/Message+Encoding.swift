extension Message {
  /// The first byte of every message.
  static let protocolVersion: UInt8 = 1

  /// The second.
  enum Code: UInt8 {
    case summary = 1
    case digest, pull, records, announcement
  }

  /// The message as bytes.
  public func encoded() -> [UInt8] {
    var writer = ByteWriter()
    writer.put(Self.protocolVersion)
    switch self {
    case .summary(let summary):
      writer.put(Code.summary.rawValue)
      for sum in summary.buckets { writer.put(sum) }
    case .digest(let page):
      writer.put(Code.digest.rawValue)
      writer.put(page)
    case .pull(let pull):
      writer.put(Code.pull.rawValue)
      writer.put(pull)
    case .records(let records):
      writer.put(Code.records.rawValue)
      writer.put(records.request)
      writer.put(records.served)
      writer.put(UInt16(records.sections.count))
      for section in records.sections { writer.put(section) }
    case .announcement(let announcement):
      writer.put(Code.announcement.rawValue)
      writer.put(announcement.hops)
      writer.put(announcement.section)
    }
    return writer.bytes
  }
}

extension ByteWriter {
  fileprivate mutating func put(_ page: DigestPage) {
    put(UInt8(page.wantsReply ? 1 : 0))
    put(page.complete)
    put(UInt16(page.entries.count))
    for entry in page.entries {
      put(entry.owner)
      put(entry.position.last)
      put(entry.position.digest.value)
      put(UInt8(entry.isLasting ? 1 : 0))
    }
  }

  fileprivate mutating func put(_ pull: Pull) {
    put(pull.request)
    put(UInt8(pull.wants.count))
    for want in pull.wants {
      put(want.owner)
      put(want.after)
      put(UInt8(want.whole ? 1 : 0))
    }
  }

  fileprivate mutating func put(_ section: Section) {
    put(unsigned: section.head)
    put(short: section.head.signature)
    put(short: section.credential)
    put(UInt8(section.whole ? 1 : 0))
    put(section.after)
    put(UInt8(section.more ? 1 : 0))
    put(UInt16(section.records.count))
    for record in section.records {
      put(unsigned: record)
      put(short: record.signature)
    }
  }
}
