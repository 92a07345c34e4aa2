internal import NIOCore

/// Where gRPC's messages end in the bytes of a stream: each is a byte of flags and four of length ahead of so many bytes
/// (gRPC over HTTP/2, "Length-Prefixed-Message").
struct MessageBorder {
  private static let prefixBytes = 5
  private var prefix: [UInt8] = []
  /// Bytes of the message that are missing still.
  private var left = 0

  /// Whether a message ends with the last of these bytes, which follow those of before.
  mutating func isReached(after bytes: ByteBuffer) -> Bool {
    var rest = bytes.readableBytesView[...]
    while !rest.isEmpty {
      if left > 0 {
        let count = min(left, rest.count)
        rest = rest.dropFirst(count)
        left -= count
      } else {
        prefix.append(rest.removeFirst())
        guard prefix.count == Self.prefixBytes else { continue }
        left = prefix.dropFirst().reduce(0) { $0 << 8 | Int($1) }
        prefix = []
      }
    }
    return left == 0 && prefix.isEmpty
  }
}
