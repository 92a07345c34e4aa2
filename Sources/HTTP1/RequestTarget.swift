/// The four forms of a request's target (RFC 9112 section 3.2).
public enum TargetForm: UInt8, Sendable {
  /// `/path?query`
  case origin
  /// `http://host:port/path?query`, as it is sent to proxies.
  case absolute
  /// `host:port`, with CONNECT only.
  case authority
  /// `*`, with OPTIONS only.
  case asterisk
}

/// A target taken apart.
struct RequestTarget {
  var form = TargetForm.origin
  var path = ByteRange.none
  var query = ByteRange.none
  var hasQuery = false
  /// Of an absolute target and of CONNECT.
  var authority = Authority()
}

extension HeadCursor {
  /// Reads the target and the SP behind it.
  ///
  /// Beyond RFC 3986 it may have the printable characters that real clients send as they are: `"<>[\]^`{|}`. Bytes from
  /// 0x80 on are refused: servers disagree about their encoding, and every serious client escapes them.
  @inline(__always)
  mutating func takeTarget(for method: Method) throws(HeadStop) -> RequestTarget {
    let start = at
    let limit = start &+ HeadLimit.targetBytes
    let pathEnd = ByteScan.firstOutsidePath(base, from: start, to: min(end, limit &+ 1))
    var target = RequestTarget()
    var stop = pathEnd
    if stop < end, stop <= limit, ByteScan.byte(base, stop) == 0x3f {
      stop = ByteScan.firstOutsideQuery(base, from: stop, to: min(end, limit &+ 1))
      target.hasQuery = true
      target.query = ByteRange(pathEnd &+ 1, to: stop)
    }
    guard stop &- start <= HeadLimit.targetBytes else { throw .refused(.targetTooLong) }
    guard stop < end else { throw atEnd }
    guard ByteScan.byte(base, stop) == 0x20 else { throw .refused(Self.faultInTarget(ByteScan.byte(base, stop))) }
    guard stop > start else { throw .refused(.startLineWhitespace) }
    at = stop &+ 1
    target.path = ByteRange(start, to: pathEnd)
    guard ByteScan.byte(base, start) == 0x2f, method != .connect else {
      return try otherForm(target, start, stop, for: method)
    }
    return target
  }

  private static func faultInTarget(_ byte: UInt8) -> HeadFault {
    switch byte {
    case 0x0a, 0x0d: .missingVersion
    case 0x09: .startLineWhitespace
    case 0x23: .fragment
    case 0..<0x20, 0x7f: .controlCharacter
    default: .targetCharacter
    }
  }

  /// A target from `start` to `stop` that does not begin with a slash, or is of CONNECT.
  @inline(never)
  private func otherForm(
    _ origin: RequestTarget,
    _ start: Int,
    _ stop: Int,
    for method: Method
  ) throws(HeadStop) -> RequestTarget {
    var target = origin
    if method == .connect {
      target.form = .authority
      target.authority = try Authority.read(base, start, stop, otherwise: .targetForm)
      guard target.authority.port != nil else { throw .refused(.port) }
      target.path = .none
      return target
    }
    if stop == start &+ 1, ByteScan.byte(base, start) == UInt8(ascii: "*") {
      guard method == .options else { throw .refused(.targetForm) }
      target.form = .asterisk
      return target
    }
    let slashes = try skipScheme(start, stop)
    let pathEnd = origin.path.end
    var authorityEnd = slashes
    while authorityEnd < pathEnd, ByteScan.byte(base, authorityEnd) != 0x2f { authorityEnd += 1 }
    target.form = .absolute
    target.authority = try Authority.read(base, slashes, authorityEnd, otherwise: .authority)
    target.path = ByteRange(authorityEnd, to: pathEnd)
    return target
  }

  /// Where the authority of an absolute target begins. `https` is not understood: it cannot have come here in clear
  /// from a client in its right mind, and answering it would tell the client that its request was private.
  private func skipScheme(_ start: Int, _ stop: Int) throws(HeadStop) -> Int {
    var colon = start
    while colon < stop, ByteSet.token.contains(ByteScan.byte(base, colon)) { colon += 1 }
    guard colon > start, colon &+ 2 < stop, ByteScan.byte(base, colon) == 0x3a,
      ByteScan.byte(base, colon &+ 1) == 0x2f, ByteScan.byte(base, colon &+ 2) == 0x2f
    else { throw .refused(.targetForm) }
    guard colon &- start == 4, FixedText.isEqualIgnoringCase(base + start, "http") else { throw .refused(.scheme) }
    return colon &+ 3
  }
}
