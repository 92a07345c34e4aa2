/// A host and its optional port (RFC 3986 section 3.2), as Host, absolute targets and CONNECT have it.
struct Authority {
  var whole = ByteRange.none
  /// The host without the port; an IPv6 address with its brackets.
  var host = ByteRange.none
  var port: UInt16?

  /// The longest address in brackets: IPv6 with an IPv4 tail.
  private static let literalLimit = 45

  /// Reads the bytes of `base` from `start` to `end`. User information is refused, and so are an empty host, an empty
  /// port, and a host with other bytes than letters, digits and `-._~`: the sub-delims and percent escapes that RFC
  /// 3986 allows are in no name that can be resolved, and only serve to make two readers see two hosts.
  ///
  /// Throws `fault` for a host that is none.
  static func read(
    _ base: UnsafeRawPointer,
    _ start: Int,
    _ end: Int,
    otherwise fault: HeadFault
  ) throws(HeadStop) -> Authority {
    var stop = start
    if start < end, ByteScan.byte(base, start) == UInt8(ascii: "[") {
      stop = try endOfLiteral(base, start, end, otherwise: fault)
    } else {
      while stop < end, ByteSet.unreserved.contains(ByteScan.byte(base, stop)) { stop &+= 1 }
    }
    guard stop > start, stop == end || ByteScan.byte(base, stop) == 0x3a else {
      throw .refused(hasUserinfo(base, start, end) ? .userinfo : fault)
    }
    var authority = Authority(whole: ByteRange(start, to: end), host: ByteRange(start, to: stop), port: nil)
    if stop < end {
      guard let port = port(base, stop &+ 1, end) else {
        throw .refused(hasUserinfo(base, start, end) ? .userinfo : .port)
      }
      authority.port = port
    }
    return authority
  }

  /// Behind the bracket that closes an IPv6 address. That it is a right one is found out by whoever dials it; here it
  /// is held to bytes that no two readers can take for different hosts.
  private static func endOfLiteral(
    _ base: UnsafeRawPointer,
    _ start: Int,
    _ end: Int,
    otherwise fault: HeadFault
  ) throws(HeadStop) -> Int {
    var stop = start &+ 1
    var colons = 0
    while stop < end, ByteSet.addressLiteral.contains(ByteScan.byte(base, stop)) {
      if ByteScan.byte(base, stop) == 0x3a { colons &+= 1 }
      stop &+= 1
    }
    guard stop < end, ByteScan.byte(base, stop) == UInt8(ascii: "]"), (2...7).contains(colons),
      stop &- start &- 1 <= literalLimit
    else { throw .refused(fault) }
    return stop &+ 1
  }

  private static func port(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) -> UInt16? {
    guard start < end, end &- start <= 5 else { return nil }
    var port: UInt32 = 0
    for index in start..<end {
      let digit = ByteScan.byte(base, index) &- 0x30
      guard digit < 10 else { return nil }
      port = port &* 10 &+ UInt32(digit)
    }
    return UInt16(exactly: port)
  }

  private static func hasUserinfo(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) -> Bool {
    for index in start..<end where ByteScan.byte(base, index) == UInt8(ascii: "@") { return true }
    return false
  }
}
