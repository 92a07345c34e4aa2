import HTTP1

/// What must hold of any head, whatever its bytes. Each check returns what does not hold, or nil.
enum HeadCheck {
  static func request(_ bytes: UnsafeRawBufferPointer, _ head: inout RequestHead) -> String? {
    let outcome = head.parse(bytes)
    if let problem = pieces(bytes, outcome, endOfHead: RequestHead.endOfHead, { head.parse($0) }) { return problem }
    guard head.parse(bytes) == outcome else { return "a second time it is another" }
    guard case .whole(let length) = outcome else { return head.bytes.isEmpty ? nil : "bytes of a head that is none" }
    guard head.bytes.count == length, length <= bytes.count else { return "the length is not the head's" }
    for range in [head.methodRange, head.targetRange, head.path, head.query, head.authority, head.host]
    where range.end > length { return "a range leaves the head" }
    if let problem = fields(head.fields, length) { return problem }

    let (method, framing, isPersistent) = (head.method, head.framing, head.isPersistent)
    let (path, query, host) = (Array(head[head.path]), Array(head[head.query]), Array(head[head.host]))
    let isAbsolute = head.form == .absolute
    let once = writtenBytes { writer in
      head.writeLine(into: &writer)
      head.fields.write(into: &writer)
      writer.putFraming(head.framing)
      writer.putEnd()
    }
    guard let once else { return "what is written does not fit" }
    let again = once.withUnsafeBytes { bytes -> [UInt8]? in
      // HTTP/1.0 is written as 1.1, which must have a Host.
      let outcome = head.parse(bytes)
      if outcome == .refused(.missingHost) { return once }
      guard outcome == .whole(length: bytes.count), head.method == method, head.framing == framing,
        head.isPersistent || !isPersistent, Array(head[head.host]) == host, Array(head[head.query]) == query,
        Array(head[head.path]) == path || isAbsolute && path.isEmpty
      else { return nil }
      return writtenBytes { writer in
        head.writeLine(into: &writer)
        head.fields.write(into: &writer)
        writer.putFraming(head.framing)
        writer.putEnd()
      }
    }
    // Leaves `head` as the caller expects it.
    guard head.parse(bytes) == outcome else { return "a third time it is another" }
    return again == once ? nil : "what is written reads otherwise"
  }

  static func response(_ bytes: UnsafeRawBufferPointer, _ head: inout ResponseHead) -> String? {
    let outcome = head.parse(bytes)
    if let problem = pieces(bytes, outcome, endOfHead: ResponseHead.endOfHead, { head.parse($0) }) { return problem }
    guard head.parse(bytes) == outcome else { return "a second time it is another" }
    guard case .whole(let length) = outcome else { return head.bytes.isEmpty ? nil : "bytes of a head that is none" }
    guard head.bytes.count == length, length <= bytes.count else { return "the length is not the head's" }
    guard head.reason.end <= length, head.upgradeRange.end <= length, (100...599).contains(head.status) else {
      return "a range leaves the head"
    }
    if let problem = fields(head.fields, length) { return problem }

    let (status, framing) = (head.status, head.framing(answering: .get))
    let once = write(head)
    guard let once else { return "what is written does not fit" }
    let again = once.withUnsafeBytes { bytes -> [UInt8]? in
      guard head.parse(bytes) == .whole(length: bytes.count), head.status == status,
        head.framing(answering: .get) == framing
      else { return nil }
      return write(head)
    }
    guard head.parse(bytes) == outcome else { return "a third time it is another" }
    return again == once ? nil : "what is written reads otherwise"
  }

  private static func write(_ head: borrowing ResponseHead) -> [UInt8]? {
    let (status, reason) = (head.status, Array(head[head.reason]))
    return writtenBytes { writer in
      writer.put("HTTP/1.1 ")
      writer.put(decimal: UInt64(status))
      writer.put(UInt8(ascii: " "))
      reason.withUnsafeBytes { writer.put($0) }
      writer.putEnd()
      head.fields.write(into: &writer)
      head.writeFraming(answering: .get, into: &writer)
      writer.putEnd()
    }
  }

  /// A head that comes in pieces is refused for the same reason, or taken where it ends and not before.
  private static func pieces(
    _ bytes: UnsafeRawBufferPointer,
    _ outcome: HeadOutcome,
    endOfHead: (UnsafeRawBufferPointer, Int) -> Int?,
    _ parse: (UnsafeRawBufferPointer) -> HeadOutcome
  ) -> String? {
    var end: Int?
    for count in 0...bytes.count {
      let first = UnsafeRawBufferPointer(rebasing: bytes[..<count])
      let partial = parse(first)
      switch (outcome, partial) {
      case (.partial, .partial), (.refused, .partial), (.whole, .partial): break
      case (_, _) where partial == outcome: break
      default: return "the first \(count) bytes are \(partial), all are \(outcome)"
      }
      if end == nil { end = endOfHead(first, max(0, count - 1)) }
      if case .whole(let length) = partial, count == length, end != length { return "the end is seen at \(end ?? -1)" }
      if case .whole(let length) = outcome, count < length, end != nil { return "an end is seen at \(count)" }
    }
    if outcome == .partial, end != nil { return "an end is seen of a head that is not whole" }
    return end == endOfHead(bytes, 0) ? nil : "the end is seen elsewhere where all is there"
  }

  private static func fields(_ table: borrowing FieldTable, _ length: Int) -> String? {
    for index in 0..<table.count {
      let field = table[index]
      guard field.name.end < field.value.end || field.value.isEmpty, field.value.end < length, !field.name.isEmpty
      else { return "field \(index) leaves the head" }
      let value = table.value(at: index)
      guard !value.contains(where: { $0 < 0x20 && $0 != 9 || $0 == 0x7f }), value.first != 0x20, value.last != 0x20
      else { return "field \(index) has a value it must not have" }
      guard (table.first(field.known) ?? .max) <= index, table.count(of: field.known) > 0 else {
        return "field \(index) is not found"
      }
    }
    return nil
  }
}
