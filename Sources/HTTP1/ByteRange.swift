/// A run of bytes within parsed bytes. Heads are at most 64 KiB, so 16 bits do, and a field takes ten bytes.
public struct ByteRange: BitwiseCopyable, Hashable, Sendable {
  /// Offset of the first byte.
  public var start: UInt16
  /// Number of bytes.
  public var count: UInt16

  /// `count` bytes from `start` on.
  @inlinable
  public init(start: UInt16, count: UInt16) {
    self.start = start
    self.count = count
  }

  /// The bytes from `start` up to `end`, which must lie within a head.
  @inlinable
  init(_ start: Int, to end: Int) {
    self.start = UInt16(truncatingIfNeeded: start)
    count = UInt16(truncatingIfNeeded: end &- start)
  }

  /// No bytes, at the beginning.
  @inlinable public static var none: ByteRange { ByteRange(start: 0, count: 0) }

  /// Offset behind the last byte.
  @inlinable public var end: Int { Int(start) &+ Int(count) }

  /// Whether there is no byte in it.
  @inlinable public var isEmpty: Bool { count == 0 }

  /// The bytes of `base` that it stands for.
  @inlinable
  func bytes(of base: UnsafeRawPointer) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: base + Int(start), count: Int(count))
  }
}
