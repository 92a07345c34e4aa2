/// An ECDSA signature on P-256 as OpenSSL reads it: a DER sequence of two integers (RFC 3279 section 2.2.3), made from
/// the plain form that tokens carry (RFC 7518 section 3.4).
struct ECDSASignature {
  /// Two headers of two bytes, two integers of 32 bytes with a leading zero each, and the sequence's header.
  private static let capacity = 2 + 2 * (2 + 33)
  private var bytes = InlineArray<72, UInt8>(repeating: 0)
  private var count = 2

  /// From r and s, 32 bytes each, big-endian; nil for any other length.
  init?(joined: UnsafeRawBufferPointer) {
    guard joined.count == 64 else { return nil }
    append(integer: UnsafeRawBufferPointer(rebasing: joined[..<32]))
    append(integer: UnsafeRawBufferPointer(rebasing: joined[32...]))
    bytes[0] = 0x30
    bytes[1] = UInt8(count - 2)
  }

  /// Calls `body` with the DER form.
  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    withUnsafeTemporaryAllocation(byteCount: Self.capacity, alignment: 1) { buffer in
      for index in 0..<count { buffer[index] = bytes[index] }
      return body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }

  /// An integer in its shortest form: no leading zero but the one that keeps it positive.
  private mutating func append(integer: UnsafeRawBufferPointer) {
    let start = integer.firstIndex { $0 != 0 } ?? integer.count - 1
    let needsZero = integer[start] & 0x80 != 0
    append(0x02)
    append(UInt8(integer.count - start + (needsZero ? 1 : 0)))
    if needsZero { append(0) }
    for index in start..<integer.count { append(integer[index]) }
  }

  private mutating func append(_ byte: UInt8) {
    bytes[count] = byte
    count += 1
  }
}
