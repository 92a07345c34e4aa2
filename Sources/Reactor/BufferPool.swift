/// Memory for bytes that wait: for a slow reader, for the rest of a head, for a second try. It is owned only while
/// bytes wait, and its sum is bounded. Buffers of the usual sizes are kept for the next who needs one, so that a busy
/// loop does not ask the allocator for each request.
public struct BufferPool: ~Copyable {
  /// Sizes of the buffers that are kept: a short request's head, nearly every other's, one with large cookies, and what
  /// a small read leaves over; the frames that one write of HTTP/2 sends; and what a stream's window lets in, 64 KiB and
  /// the lines of its chunks. A client that sends one byte and waits costs the first. Larger ones are rare, and moving their
  /// bytes costs more than the allocator.
  static let sizes: InlineArray<6, Int> = [128, 1024, 4096, 16384, 49152, 67584]
  /// How many of each are kept at most: one for each request that a busy worker has under way, and half a megabyte each
  /// of the larger.
  static let keptMost: InlineArray<6, Int> = [256, 256, 128, 32, 8, 8]

  /// Bytes waiting in all pending buffers of this loop.
  public private(set) var outstanding = 0
  /// Above this the path reads in the smallest steps; see `ReadSize`.
  public let limit: Int
  /// The kept buffers of each size: the first one, and in the first bytes of each the next.
  private var spare: InlineArray<6, UnsafeMutableRawPointer?> = .init(repeating: nil)
  private var kept: InlineArray<6, Int> = .init(repeating: 0)

  /// An empty pool with that limit, in bytes.
  public init(limit: Int) { self.limit = limit }

  deinit {
    for size in spare.indices {
      var next = spare[size]
      while let buffer = next {
        next = Self.link(of: buffer)
        buffer.deallocate()
      }
    }
  }

  /// Whether more waits than should.
  @inlinable public var isOverLimit: Bool { outstanding > limit }

  /// The room that a buffer for `count` bytes really has, so that who adds to it later need not move; nil where it is as large
  /// as that and no larger.
  public static func wholeRoom(for count: Int) -> Int? {
    let size = size(for: count)
    return size < sizes.count ? sizes[size] : nil
  }

  /// A copy of `bytes` that the caller owns until it gives it back.
  public mutating func keep(_ bytes: UnsafeRawBufferPointer) -> UnsafeMutableRawBufferPointer {
    let copy = room(for: bytes.count)
    copy.copyMemory(from: bytes)
    return copy
  }

  /// Room for `count` bytes, at least one, that the caller owns until it gives it back.
  public mutating func room(for count: Int) -> UnsafeMutableRawBufferPointer {
    outstanding += count
    let size = Self.size(for: count)
    guard size < Self.sizes.count else { return .allocate(byteCount: count, alignment: 1) }
    guard let start = spare[size] else {
      let fresh = UnsafeMutableRawPointer.allocate(byteCount: Self.sizes[size], alignment: 1)
      return UnsafeMutableRawBufferPointer(start: fresh, count: count)
    }
    spare[size] = Self.link(of: start)
    kept[size] &-= 1
    return UnsafeMutableRawBufferPointer(start: start, count: count)
  }

  /// Ends what `keep` or `room` began; `buffer` is what they returned, whole.
  public mutating func giveBack(_ buffer: UnsafeMutableRawBufferPointer) {
    outstanding -= buffer.count
    guard let start = buffer.baseAddress else { return }
    let size = Self.size(for: buffer.count)
    guard size < Self.sizes.count, kept[size] < Self.keptMost[size] else { return start.deallocate() }
    start.storeBytes(of: spare[size], as: UnsafeMutableRawPointer?.self)
    spare[size] = start
    kept[size] &+= 1
  }

  /// The smallest size that holds `count` bytes; behind the last where none does.
  private static func size(for count: Int) -> Int {
    var size = 0
    while size < sizes.count, count > sizes[size] { size &+= 1 }
    return size
  }

  private static func link(of buffer: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    buffer.load(as: UnsafeMutableRawPointer?.self)
  }
}
