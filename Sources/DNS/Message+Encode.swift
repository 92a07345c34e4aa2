extension Message {
  /// The message in at most `limit` bytes. Where not all fits, the additional section is cut silently; an answer or
  /// authority that does not fit ends the message and sets TC (RFC 2181 section 9).
  ///
  /// `limit` is taken for at least `DNSLimit.plainUDPBytes`, into which a header, a question and an OPT record of ours
  /// always fit.
  public func encode(limit: Int = DNSLimit.messageBytes) -> [UInt8] {
    let limit = min(max(limit, DNSLimit.plainUDPBytes), DNSLimit.messageBytes)
    var opt = MessageWriter()
    if let edns { opt.put(edns) }
    let room = limit - opt.bytes.count
    var writer = MessageWriter()
    var header = header
    writer.put(header.id)
    writer.put(header.flags)
    for count in [questions.count, 0, 0, 0] { writer.put(UInt16(truncatingIfNeeded: count)) }
    for question in questions { writer.put(question) }

    var counts = (answers: 0, authorities: 0, additionals: 0)
    counts.answers = writer.put(answers, within: room)
    if counts.answers == answers.count { counts.authorities = writer.put(authorities, within: room) }
    if counts.answers + counts.authorities < answers.count + authorities.count {
      header.isTruncated = true
    } else {
      counts.additionals = writer.put(additionals, within: room)
    }
    if let edns { writer.put(edns) }
    writer.set(header.flags, at: 2)
    writer.set(UInt16(counts.answers), at: 6)
    writer.set(UInt16(counts.authorities), at: 8)
    writer.set(UInt16(counts.additionals + (edns == nil ? 0 : 1)), at: 10)
    return writer.bytes
  }
}

extension MessageWriter {
  /// Writes as many of `records` as end before `room`; how many those are.
  fileprivate mutating func put(_ records: [ResourceRecord], within room: Int) -> Int {
    for (index, record) in records.enumerated() {
      let before = bytes.count
      put(record)
      if bytes.count > room {
        cut(to: before)
        return index
      }
    }
    return records.count
  }
}
