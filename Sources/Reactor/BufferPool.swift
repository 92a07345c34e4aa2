/// Memory for bytes a slow reader has not taken yet. It is owned only while bytes wait, and its sum is bounded.
public struct BufferPool: ~Copyable {
  /// Bytes waiting in all pending buffers of this loop.
  public private(set) var outstanding = 0
  /// Above this the path reads in the smallest steps; see `ReadSize`.
  public let limit: Int

  /// An empty pool with that limit, in bytes.
  public init(limit: Int) { self.limit = limit }

  /// Whether more waits than should.
  @inlinable public var isOverLimit: Bool { outstanding > limit }

  /// A copy of `bytes` that the caller owns until it gives it back.
  public mutating func keep(_ bytes: UnsafeRawBufferPointer) -> UnsafeMutableRawBufferPointer {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
    copy.copyMemory(from: bytes)
    outstanding += bytes.count
    return copy
  }

  /// Ends what `keep` began.
  public mutating func giveBack(_ buffer: UnsafeMutableRawBufferPointer) {
    outstanding -= buffer.count
    buffer.deallocate()
  }
}
