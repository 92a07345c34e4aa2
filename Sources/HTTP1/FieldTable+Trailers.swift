extension FieldTable {
  /// Reads a trailer section as `BodyStep.trailers` gives it; `section` must outlive the use of the ranges. Fields
  /// that may not stand there are dropped (RFC 9110 section 6.5.1): whoever merges trailers into the head would let
  /// the sender change what was decided on. Returns false where it is no valid section.
  public mutating func parse(trailers section: UnsafeRawBufferPointer) -> Bool {
    guard let start = section.baseAddress else { return false }
    removeAll(base: start)
    var cursor = HeadCursor(start, count: section.count, limit: BodyLimit.trailerBytes)
    do throws(HeadStop) {
      try cursor.takeFields(into: &self, limit: BodyLimit.trailerFields)
    } catch {
      removeAll(base: start)
      return false
    }
    for index in 0..<count where !Self.mayTrail(fields[index], base) { fields[index].flags &= ~Field.kept }
    return cursor.at == section.count
  }

  /// Every name the proxy knows is about framing, routing, authentication, identity or control, and so are these.
  private static func mayTrail(_ field: Field, _ base: UnsafeRawPointer) -> Bool {
    guard field.known == .other else { return false }
    let name = base + Int(field.name.start)
    let count = Int(field.name.count)
    @inline(__always) func isName(_ text: StaticString) -> Bool {
      count == text.utf8CodeUnitCount && FixedText.isEqualIgnoringCase(name, text)
    }
    @inline(__always) func begins(_ text: StaticString) -> Bool {
      count >= text.utf8CodeUnitCount && FixedText.isEqualIgnoringCase(name, text)
    }
    if FieldGuard.isGuarded(name, count) || begins("if-") || begins("proxy-") || begins("accept-") { return false }
    return
      !(isName("accept") || isName("age") || isName("expires") || isName("max-forwards") || isName("origin")
      || isName("pragma") || isName("range") || isName("referer") || isName("vary") || isName("warning"))
  }
}
