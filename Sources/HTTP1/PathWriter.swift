/// One walk over a path that writes its normal form; it never writes more than it has read.
struct PathWriter {
  let source: UnsafeRawPointer
  let end: Int
  let target: UnsafeMutableRawPointer
  /// Bytes written.
  private(set) var count = 0
  private(set) var isChanged = false
  private(set) var hazards: PathHazards = []
  private var at = 0
  /// Where the last segment begins in what was written.
  private var segment = 0

  init(source: UnsafeRawPointer, end: Int, target: UnsafeMutableRawPointer) {
    self.source = source
    self.end = end
    self.target = target
  }

  mutating func run() {
    while at < end {
      let byte = ByteScan.byte(source, at)
      switch byte {
      case UInt8(ascii: "/"):
        endSegment()
        if count > 0, written(count &- 1) == byte {
          isChanged = true
        } else {
          put(byte)
        }
        segment = count
        at &+= 1
      case UInt8(ascii: "%"): takeEscape()
      default:
        if byte == UInt8(ascii: "\\") { hazards.insert(.backslash) }
        if byte == UInt8(ascii: ";") { hazards.insert(.semicolon) }
        put(byte)
        at &+= 1
      }
    }
    endSegment()
  }

  private func written(_ index: Int) -> UInt8 { ByteScan.byte(UnsafeRawPointer(target), index) }

  private mutating func put(_ byte: UInt8) {
    target.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
    count &+= 1
  }

  /// Removes the last segment if it is `.`, and the one before it too if it is `..` (RFC 3986 section 5.2.4); the slash
  /// before it stays.
  private mutating func endSegment() {
    switch count &- segment {
    case 1 where written(segment) == UInt8(ascii: "."): count = segment
    case 2 where written(segment) == UInt8(ascii: ".") && written(segment &+ 1) == UInt8(ascii: "."):
      count = segment
      // Back over the slash and the segment before it, if it is not the first slash.
      if count > 1 { count &-= 1 }
      while count > 1, written(count &- 1) != UInt8(ascii: "/") { count &-= 1 }
    default: return
    }
    segment = count
    isChanged = true
  }

  private mutating func takeEscape() {
    guard at &+ 2 < end, let high = Self.digit(ByteScan.byte(source, at &+ 1)),
      let low = Self.digit(ByteScan.byte(source, at &+ 2))
    else {
      hazards.insert(.malformedEscape)
      put(UInt8(ascii: "%"))
      at &+= 1
      return
    }
    let byte = high << 4 | low
    if ByteSet.unreserved.contains(byte), !isBehindMalformedEscape {
      put(byte)
      isChanged = true
      at &+= 3
      return
    }
    switch byte {
    case UInt8(ascii: "/"): hazards.insert(.encodedSlash)
    case UInt8(ascii: "\\"): hazards.insert(.encodedBackslash)
    case 0: hazards.insert(.encodedNUL)
    default: break
    }
    put(UInt8(ascii: "%"))
    for offset in 1...2 {
      let digit = ByteScan.byte(source, at &+ offset)
      let upper = digit >= UInt8(ascii: "a") ? digit &- 0x20 : digit
      if upper != digit { isChanged = true }
      put(upper)
    }
    at &+= 3
  }

  /// Whether a byte written now could complete an escape that was malformed so far: `%%32e` must not become `%2e`.
  private var isBehindMalformedEscape: Bool {
    count > 0 && written(count &- 1) == UInt8(ascii: "%") || count > 1 && written(count &- 2) == UInt8(ascii: "%")
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    if byte &- 0x30 < 10 { return byte &- 0x30 }
    let letter = (byte | 0x20) &- 0x61
    return letter < 6 ? letter &+ 10 : nil
  }
}
