/// A place in a head that is being read, from the first byte to the last, with no look back and none ahead: what is
/// refused is refused on the bytes up to there, in however many pieces they came.
struct HeadCursor {
  let base: UnsafeRawPointer
  let end: Int
  /// What running out of bytes means: more are to come, or there are too many already.
  let atEnd: HeadStop
  var at = 0

  /// A cursor at the first of `bytes`, which is not to read further than `limit`.
  @inline(__always)
  init(_ base: UnsafeRawPointer, count: Int, limit: Int) {
    self.base = base
    end = min(count, limit)
    atEnd = count < limit ? .partial : .refused(.headTooLarge)
  }

  /// The byte here.
  @inline(__always)
  func peek() throws(HeadStop) -> UInt8 {
    guard at < end else { throw atEnd }
    return ByteScan.byte(base, at)
  }

  /// The CRLF that must be here; `otherwise` is what any other byte in its place means.
  @inline(__always)
  mutating func takeLineEnd(otherwise fault: HeadFault) throws(HeadStop) {
    switch try peek() {
    case 0x0d:
      guard at &+ 1 < end else { throw atEnd }
      guard ByteScan.byte(base, at &+ 1) == 0x0a else { throw .refused(.bareCR) }
      at &+= 2
    case 0x0a: throw .refused(.bareLF)
    default: throw .refused(fault)
    }
  }

  /// What a byte that may not stand in a value is.
  @inline(never)
  static func fault(of byte: UInt8) -> HeadFault {
    switch byte {
    case 0x0a: .bareLF
    case 0x0d: .bareCR
    case 0..<0x20, 0x7f: .controlCharacter
    default: .malformedFieldName
    }
  }

  /// The first control character but HTAB from here on. The cursor stays.
  @inline(__always)
  func endOfText() throws(HeadStop) -> Int {
    var stop = ByteScan.firstControl(base, from: at, to: end)
    while stop < end, ByteScan.byte(base, stop) == 0x09 { stop = ByteScan.firstControl(base, from: stop &+ 1, to: end) }
    guard stop < end else { throw atEnd }
    return stop
  }

  /// The version `HTTP/1.` and a digit (RFC 9112 section 2.3): 0, or 1 for any other digit, since a recipient answers a
  /// minor version it does not know as the highest it does.
  @inline(__always)
  mutating func takeVersion() throws(HeadStop) -> UInt8 {
    if at &+ 8 <= end {
      let word = ByteScan.word(base, at)
      let minor = UInt8(truncatingIfNeeded: word >> 56) &- 0x30
      if word << 8 == 0x2e31_2f50_5454_4800, minor < 10 {  // "HTTP/1." and the digit shifted out
        at &+= 8
        return min(minor, 1)
      }
    }
    return try takeUnusualVersion()
  }

  @inline(never)
  private mutating func takeUnusualVersion() throws(HeadStop) -> UInt8 {
    let name: StaticString = "HTTP/"
    for index in 0..<name.utf8CodeUnitCount {
      guard try peek() == name.utf8Start[index] else { throw .refused(.malformedVersion) }
      at += 1
    }
    let major = try takeDigit()
    guard try peek() == UInt8(ascii: ".") else { throw .refused(.malformedVersion) }
    at += 1
    let minor = try takeDigit()
    guard major == 1 else { throw .refused(.unsupportedVersion) }
    return min(minor, 1)
  }

  private mutating func takeDigit() throws(HeadStop) -> UInt8 {
    let digit = try peek() &- 0x30
    guard digit < 10 else { throw .refused(.malformedVersion) }
    at += 1
    return digit
  }
}
