extension RequestHead {
  /// Reads the head at the beginning of `bytes` (RFC 9112 section 3); what follows it is not looked at. One CRLF before
  /// it is passed over, as section 2.2 asks.
  ///
  /// Where the outcome is not `whole`, the properties say nothing.
  public mutating func parse(_ bytes: UnsafeRawBufferPointer) -> HeadOutcome {
    length = 0
    guard let start = bytes.baseAddress else { return .partial }
    var cursor = HeadCursor(start, count: bytes.count, limit: HeadLimit.bytes)
    base = start
    fields.removeAll(base: start)
    do throws(HeadStop) {
      try readRequestLine(&cursor)
      try cursor.takeFields(into: &fields, limit: HeadLimit.fields)
      try settle()
    } catch {
      return error.outcome
    }
    length = cursor.at
    return .whole(length: cursor.at)
  }

  @inline(__always)
  private mutating func readRequestLine(_ cursor: inout HeadCursor) throws(HeadStop) {
    if try cursor.peek() == 0x0d {
      try cursor.takeLineEnd(otherwise: .emptyLine)
      if try cursor.peek() == 0x0d { throw .refused(.emptyLine) }
    }
    methodRange = try cursor.takeMethod()
    method = Method.recognize(cursor.base + Int(methodRange.start), Int(methodRange.count))
    let targetStart = cursor.at
    let target = try cursor.takeTarget(for: method)
    targetRange = ByteRange(targetStart, to: cursor.at &- 1)
    form = target.form
    path = target.path
    query = target.query
    hasQuery = target.hasQuery
    authority = target.authority.whole
    host = target.authority.host
    port = target.authority.port
    minorVersion = try cursor.takeVersion()
    try cursor.takeLineEnd(otherwise: .malformedVersion)
  }

  /// Draws from the fields what they say together, and drops those that must not travel further.
  @inline(__always)
  private mutating func settle() throws(HeadStop) {
    try readHost()
    framing = try fields.framing(minorVersion: minorVersion)
    if framing != .none, method == .connect, framing != .length(0) { throw .refused(.unexpectedBody) }
    isPersistent = minorVersion > 0
    expectsContinue = false
    wantsUpgrade = false
    upgradeRange = .none
    acceptsTrailers = false
    let unusual = FieldName.hopByHop | FieldName.trailer.bit | FieldName.expect.bit
    if fields.present & unusual != 0 { try readUnusualFields() }
  }

  /// RFC 9112 section 3.2: Host exactly once, but for HTTP/1.0. An absolute target outweighs it, and then it is
  /// dropped, for who forwards such a request writes Host anew from the target.
  @inline(__always)
  private mutating func readHost() throws(HeadStop) {
    guard let index = fields.first(.host) else {
      if minorVersion > 0 { throw .refused(.missingHost) }
      return
    }
    guard !fields.hasSeveral(.host) else { throw .refused(.repeatedHost) }
    let value = fields[index].value
    // An empty value is right where the target's URI has no authority; the request is then for nobody by name.
    guard !value.isEmpty else {
      if form == .absolute { fields.drop(.host) }
      return
    }
    let named = try Authority.read(fields.base, Int(value.start), value.end, otherwise: .malformedHost)
    if form == .absolute { fields.drop(.host) }
    guard form != .absolute, form != .authority else { return }
    authority = named.whole
    host = named.host
    port = named.port
  }

  @inline(never)
  private mutating func readUnusualFields() throws(HeadStop) {
    let options = try fields.takeConnectionOptions()
    isPersistent = !options.contains(.close) && (minorVersion > 0 || options.contains(.keepAlive))
    if minorVersion > 0 {
      expectsContinue = fields.isListed("100-continue", in: .expect)
      if options.contains(.upgrade), let upgrade = fields.soleValue(.upgrade), !offersAnotherHTTP {
        wantsUpgrade = true
        upgradeRange = upgrade
      }
    }
    acceptsTrailers = fields.isListed("trailers", in: .te)
    fields.drop(all: FieldName.hopByHop)
    if framing != .chunked { fields.drop(.trailer) }
  }
}

extension RequestHead {
  /// Whether the client offers to go on in HTTP/2 or the like. A server need not follow, and through a tunnel requests
  /// would pass that nobody has routed or authorized.
  private var offersAnotherHTTP: Bool { fields.isListed("h2c", in: .upgrade) || fields.isListed("http", in: .upgrade) }
}

extension HeadCursor {
  /// Reads the method and the SP behind it.
  @inline(__always)
  mutating func takeMethod() throws(HeadStop) -> ByteRange {
    let start = at
    let bound = min(end, start &+ HeadLimit.methodBytes &+ 1)
    while at < bound, ByteSet.token.contains(ByteScan.byte(base, at)) { at &+= 1 }
    guard at &- start <= HeadLimit.methodBytes else { throw .refused(.methodTooLong) }
    guard at < end else { throw atEnd }
    guard ByteScan.byte(base, at) == 0x20, at > start else { throw .refused(faultInMethod(start)) }
    at &+= 1
    return ByteRange(start, to: at &- 1)
  }

  private func faultInMethod(_ start: Int) -> HeadFault {
    switch ByteScan.byte(base, at) {
    case 0x20, 0x09: .startLineWhitespace
    case 0x0a: at == start ? .bareLF : .malformedMethod
    case 0x0d: at == start ? .bareCR : .malformedMethod
    case 0..<0x20, 0x7f: .controlCharacter
    default: .malformedMethod
    }
  }
}
