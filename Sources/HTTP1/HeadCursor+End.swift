extension HeadCursor {
  /// Where a head that comes in pieces ends. See `RequestHead.endOfHead`.
  static func endOfHead(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
    guard let base = bytes.baseAddress else { return nil }
    let end = bytes.count
    // The LF before an empty line may have come with the last piece, and so may the CR behind it.
    var at = max(0, start &- 2)
    while true {
      at = ByteScan.firstLineFeed(base, from: at, to: end) &+ 1
      guard at < end else { return nil }
      switch ByteScan.byte(base, at) {
      case 0x0a: return at &+ 1
      case 0x0d:
        guard at &+ 1 < end else { return nil }
        if ByteScan.byte(base, at &+ 1) == 0x0a { return at &+ 2 }
      default: break
      }
    }
  }
}
