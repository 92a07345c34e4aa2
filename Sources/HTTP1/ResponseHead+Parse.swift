extension ResponseHead {
  /// Reads the head at the beginning of `bytes` (RFC 9112 section 4); what follows it is not looked at.
  ///
  /// Where the outcome is not `whole`, the properties say nothing.
  public mutating func parse(_ bytes: UnsafeRawBufferPointer) -> HeadOutcome {
    length = 0
    guard let start = bytes.baseAddress else { return .partial }
    var cursor = HeadCursor(start, count: bytes.count, limit: HeadLimit.bytes)
    base = start
    fields.removeAll(base: start)
    do throws(HeadStop) {
      try readStatusLine(&cursor)
      try cursor.takeFields(into: &fields, limit: HeadLimit.fields)
      try settle()
    } catch {
      return error.outcome
    }
    length = cursor.at
    return .whole(length: cursor.at)
  }

  /// A status line without a reason may lack the SP behind the status too: many servers leave it out, and nobody reads
  /// anything else into it.
  @inline(__always)
  private mutating func readStatusLine(_ cursor: inout HeadCursor) throws(HeadStop) {
    minorVersion = try cursor.takeVersion()
    guard try cursor.peek() == 0x20 else { throw .refused(.startLineWhitespace) }
    cursor.at &+= 1
    status = try cursor.takeStatus()
    reason = .none
    if try cursor.peek() == 0x20 {
      cursor.at &+= 1
      let first = cursor.at
      cursor.at = try cursor.endOfText()
      reason = ByteRange(first, to: cursor.at)
    }
    try cursor.takeLineEnd(otherwise: reason.isEmpty ? .malformedStatus : .controlCharacter)
  }

  @inline(__always)
  private mutating func settle() throws(HeadStop) {
    announced = try fields.framing(minorVersion: minorVersion)
    isPersistent = minorVersion > 0
    upgradeRange = .none
    // RFC 9110 section 8.6: a length is not sent with these; one of 0 says no more than the status does.
    if status < 200 || status == 204, announced != .none, announced != .length(0) { throw .refused(.unexpectedBody) }
    if fields.present & (FieldName.hopByHop | FieldName.trailer.bit) != 0 { try readHopByHopFields() }
  }

  @inline(never)
  private mutating func readHopByHopFields() throws(HeadStop) {
    let options = try fields.takeConnectionOptions()
    isPersistent = !options.contains(.close) && (minorVersion > 0 || options.contains(.keepAlive))
    if options.contains(.upgrade), let upgrade = fields.soleValue(.upgrade) { upgradeRange = upgrade }
    fields.drop(all: FieldName.hopByHop)
    if announced != .chunked { fields.drop(.trailer) }
  }
}

extension HeadCursor {
  /// Reads a status: three digits, 100 to 599 (RFC 9110 section 15).
  @inline(__always)
  mutating func takeStatus() throws(HeadStop) -> UInt16 {
    var status: UInt16 = 0
    for _ in 0..<3 {
      let digit = try peek() &- 0x30
      guard digit < 10 else { throw .refused(.malformedStatus) }
      status = status &* 10 &+ UInt16(digit)
      at &+= 1
    }
    guard status >= 100, status < 600 else { throw .refused(.malformedStatus) }
    return status
  }
}
