internal import Glibc

extension UnsafeRawBufferPointer {
  /// Whether these bytes are those of `text`: names of fields, which HTTP/2 has in lower case, are found by this for each
  /// request, and most differ in their length already.
  package func spells(_ text: StaticString) -> Bool {
    guard count == text.utf8CodeUnitCount, let start = baseAddress else { return false }
    return memcmp(start, text.utf8Start, count) == 0
  }
}
