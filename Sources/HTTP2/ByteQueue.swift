/// Bytes that wait to be sent, first in, first out. An empty one owns no memory.
struct ByteQueue {
  private var bytes: [UInt8] = []
  private var taken = 0

  /// How many wait.
  var count: Int { bytes.count - taken }

  /// Adds bytes at the end.
  mutating func append(_ more: UnsafeRawBufferPointer) {
    // What was taken is thrown away when it is the larger part, so that each byte is moved at most once on average.
    if taken > bytes.count / 2 {
      bytes.removeFirst(taken)
      taken = 0
    }
    bytes.append(contentsOf: more)
  }

  /// Moves the first bytes to `buffer`, as many as fit, and returns their number.
  mutating func move(to buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(count, buffer.count)
    bytes.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[taken..<taken + count])) }
    taken += count
    if taken == bytes.count { self = ByteQueue() }
    return count
  }
}
