internal import Glibc

/// Names that a peer may neither strike from a message by naming them in Connection, nor imitate with underscores.
enum FieldGuard {
  /// Whether `count` token bytes at `name` are such a name: every one the proxy knows, and those that say how to read
  /// the content or where a request came from.
  static func isGuarded(_ name: UnsafeRawPointer, _ count: Int) -> Bool {
    if FieldName.recognize(name, count) != .other { return true }
    switch count {
    case 9 where FixedText.isEqualIgnoringCase(name, "x-real-ip"): return true
    case 13 where FixedText.isEqualIgnoringCase(name, "cache-control"): return true
    default: break
    }
    // x-forwarded-port, x-b3-…, content-type and the like: whole families, also where we know no such member.
    return count > 5 && FixedText.isEqualIgnoringCase(name, "x-b3-")
      || count > 7 && FixedText.isEqualIgnoringCase(name, "x-weft-")
      || count > 8 && FixedText.isEqualIgnoringCase(name, "content-")
      || count > 4 && FixedText.isEqualIgnoringCase(name, "l5d-")
      || count > 12 && FixedText.isEqualIgnoringCase(name, "x-forwarded-")
  }

  /// Whether a name with underscores is a guarded one for those who read `_` as `-`, as CGI and WSGI servers do.
  static func isShadow(_ name: UnsafeRawPointer, _ count: Int) -> Bool {
    // All that is looked at is a prefix, or a name as long as the longest that can be compared.
    let count = min(count, FixedText.limit + 1)
    return withUnsafeTemporaryAllocation(byteCount: FixedText.limit + 1, alignment: 8) { copy in
      guard let start = copy.baseAddress else { return false }
      memcpy(start, name, count)
      for index in 0..<count where copy[index] == UInt8(ascii: "_") { copy[index] = UInt8(ascii: "-") }
      return isGuarded(start, count)
    }
  }
}
