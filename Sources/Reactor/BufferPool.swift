/// Memory for bytes that wait: for a slow reader, for the rest of a head, for a second try. It is owned only while
/// bytes wait, and its sum is bounded. Small buffers are kept for the next who needs one, so that a busy loop does not
/// ask the allocator for each request.
public struct BufferPool: ~Copyable {
  /// Bytes of the buffers that are kept: a request's head, in nearly every case.
  public static let smallBytes = 1024
  /// Below this a buffer is asked for exactly: a client that sends one byte and waits shall not cost a kilobyte.
  public static let tinyBytes = 128
  /// Small buffers kept at most: one for each request that a busy worker has under way.
  public static let smallKept = 256

  /// Bytes waiting in all pending buffers of this loop.
  public private(set) var outstanding = 0
  /// Above this the path reads in the smallest steps; see `ReadSize`.
  public let limit: Int
  private var spare: [UnsafeMutableRawPointer] = []

  /// An empty pool with that limit, in bytes.
  public init(limit: Int) { self.limit = limit }

  deinit { for buffer in spare { buffer.deallocate() } }

  /// Whether more waits than should.
  @inlinable public var isOverLimit: Bool { outstanding > limit }

  /// A copy of `bytes` that the caller owns until it gives it back.
  public mutating func keep(_ bytes: UnsafeRawBufferPointer) -> UnsafeMutableRawBufferPointer {
    let copy = room(for: bytes.count)
    copy.copyMemory(from: bytes)
    return copy
  }

  /// Room for `count` bytes, at least one, that the caller owns until it gives it back.
  public mutating func room(for count: Int) -> UnsafeMutableRawBufferPointer {
    outstanding += count
    guard Self.isShared(count) else { return .allocate(byteCount: max(1, count), alignment: 1) }
    let start = spare.popLast() ?? .allocate(byteCount: Self.smallBytes, alignment: 1)
    return UnsafeMutableRawBufferPointer(start: start, count: count)
  }

  /// Ends what `keep` or `room` began; `buffer` is what they returned, whole.
  public mutating func giveBack(_ buffer: UnsafeMutableRawBufferPointer) {
    outstanding -= buffer.count
    guard let start = buffer.baseAddress else { return }
    if Self.isShared(buffer.count), spare.count < Self.smallKept {
      spare.append(start)
    } else {
      start.deallocate()
    }
  }

  private static func isShared(_ count: Int) -> Bool { count > tinyBytes && count <= smallBytes }
}
