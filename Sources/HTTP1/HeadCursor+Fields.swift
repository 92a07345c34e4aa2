extension HeadCursor {
  /// Reads field lines up to and with the empty one (RFC 9112 section 5). `table` is empty.
  @inline(__always)
  mutating func takeFields(into table: inout FieldTable, limit: Int) throws(HeadStop) {
    while let field = try takeField(isFirst: table.count == 0) {
      guard table.count < limit else { throw .refused(.tooManyFields) }
      table.append(field)
    }
  }

  /// Reads one field line, or the empty line, for which it returns nil.
  @inline(__always)
  mutating func takeField(isFirst: Bool) throws(HeadStop) -> Field? {
    let start = at
    let colon = try endOfName(isFirst: isFirst)
    guard colon > start else {
      try takeLineEnd(otherwise: .malformedFieldName)
      return nil
    }
    at = colon &+ 1
    while at < end, isBlank(ByteScan.byte(base, at)) { at &+= 1 }
    let first = at
    let stop = try endOfText()
    at = stop
    try takeValueEnd()
    var last = stop
    while last > first, isBlank(ByteScan.byte(base, last &- 1)) { last &-= 1 }
    return Field(
      name: ByteRange(start, to: colon),
      value: ByteRange(first, to: last),
      known: FieldName.recognize(base + start, colon &- start),
      isPlain: last == stop && first == colon &+ 2 && ByteScan.byte(base, colon &+ 1) == 0x20
    )
  }

  /// The colon after the name that begins here; or here, where no name begins.
  @inline(__always)
  private func endOfName(isFirst: Bool) throws(HeadStop) -> Int {
    let stop = ByteScan.firstOutsideName(base, from: at, to: end)
    guard stop < end else { throw atEnd }
    let byte = ByteScan.byte(base, stop)
    if stop > at ? byte == 0x3a : byte == 0x0d { return stop }  // a name, or the empty line if LF follows
    return try endOfUnusualName(from: stop, isFirst: isFirst)
  }

  /// The same for a name with other token bytes than letters, digits and hyphens, and for what is no name.
  @inline(never)
  private func endOfUnusualName(from first: Int, isFirst: Bool) throws(HeadStop) -> Int {
    var stop = first
    var hasUnderscore = false
    while stop < end, ByteSet.token.contains(ByteScan.byte(base, stop)) {
      if ByteScan.byte(base, stop) == 0x5f { hasUnderscore = true }
      stop &+= 1
    }
    guard stop < end else { throw atEnd }
    let byte = ByteScan.byte(base, stop)
    if stop == at {
      if isBlank(byte) { throw .refused(isFirst ? .leadingWhitespace : .lineFolding) }
      throw .refused(Self.fault(of: byte))
    }
    guard byte == 0x3a else {
      throw .refused(isBlank(byte) ? .spaceBeforeColon : byte == 0x0d ? .malformedFieldName : Self.fault(of: byte))
    }
    if hasUnderscore, FieldGuard.isShadow(base + at, stop &- at) { throw .refused(.underscoreShadow) }
    return stop
  }

  @inline(__always)
  private mutating func takeValueEnd() throws(HeadStop) {
    guard ByteScan.byte(base, at) == 0x0d else { throw .refused(Self.fault(of: ByteScan.byte(base, at))) }
    guard at &+ 1 < end else { throw atEnd }
    guard ByteScan.byte(base, at &+ 1) == 0x0a else { throw .refused(.bareCR) }
    at &+= 2
  }

  @inline(__always)
  private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
