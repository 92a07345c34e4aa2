internal import HTTP1

/// The texts of a request that its record keeps, in the event itself: the buffers they came in are reused at once.
extension RequestEvent {
  /// Bytes of the host that are kept: longer names than 120 bytes exist in no mesh, and the path needs the room.
  static let authorityCapacity = 120
  /// Bytes of a method that is none of ours; the longest registered one has 17 (IANA, HTTP Method Registry).
  static let methodCapacity = 20

  /// Keeps what fits of each; what does not is cut, and `isCut` says so. `method` is kept only where it is none of ours.
  mutating func keep(
    authority: UnsafeRawBufferPointer,
    method name: UnsafeRawBufferPointer,
    target: UnsafeRawBufferPointer
  ) {
    let authorityKept = min(authority.count, Self.authorityCapacity)
    let methodKept = method == .other ? min(name.count, Self.methodCapacity) : 0
    let targetKept = min(target.count, Self.textCapacity - authorityKept - methodKept)
    authorityCount = UInt8(truncatingIfNeeded: authorityKept)
    methodCount = UInt8(truncatingIfNeeded: methodKept)
    targetCount = UInt8(truncatingIfNeeded: targetKept)
    isCut = authorityKept < authority.count || targetKept < target.count
    withUnsafeMutablePointer(to: &text) { text in
      // Plain copies: this is done with every request, and generic ones took ten times as long.
      let start = UnsafeMutableRawPointer(text)
      if let bytes = authority.baseAddress { start.copyMemory(from: bytes, byteCount: authorityKept) }
      if let bytes = name.baseAddress { (start + authorityKept).copyMemory(from: bytes, byteCount: methodKept) }
      if let bytes = target.baseAddress {
        (start + (authorityKept + methodKept)).copyMemory(from: bytes, byteCount: targetKept)
      }
    }
  }

  /// Lends the texts, byte for byte as the client sent them; the method as it is written.
  func withTexts<Result>(
    _ body: (
      _ authority: UnsafeRawBufferPointer, _ method: UnsafeRawBufferPointer, _ target: UnsafeRawBufferPointer
    ) -> Result
  ) -> Result {
    withUnsafeBytes(of: text) { text in
      let methodStart = min(Int(authorityCount), text.count)
      let targetStart = min(methodStart + Int(methodCount), text.count)
      let end = min(targetStart + Int(targetCount), text.count)
      let known = method.text
      return body(
        UnsafeRawBufferPointer(rebasing: text[..<methodStart]),
        method == .other
          ? UnsafeRawBufferPointer(rebasing: text[methodStart..<targetStart])
          : UnsafeRawBufferPointer(start: known.utf8Start, count: known.utf8CodeUnitCount),
        UnsafeRawBufferPointer(rebasing: text[targetStart..<end])
      )
    }
  }

  /// Whether the host itself is what was cut.
  var isAuthorityCut: Bool { isCut && Int(authorityCount) == Self.authorityCapacity }
}
