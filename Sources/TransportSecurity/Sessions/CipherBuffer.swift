/// Encrypted bytes on their way out. One for each worker: a session writes into it while a call lasts, and whoever called
/// sends or keeps what is there before the next.
public final class CipherBuffer {
  /// Room for three full records and the frames around them, so that a worker's usual write is one call of send(2).
  public static let capacity = 64 << 10
  /// What one call may add for a record of 16 KiB: its header, content type and tag (RFC 8446 section 5.2), and an alert or
  /// key update before it.
  static let recordRoom = recordBytes + 256
  /// The most plaintext in one record (RFC 8446 section 5.1).
  static let recordBytes = 16 << 10

  private let memory: UnsafeMutableRawBufferPointer
  /// How many bytes wait.
  public private(set) var count = 0

  /// An empty one.
  public init() { memory = .allocate(byteCount: Self.capacity, alignment: 64) }

  deinit { memory.deallocate() }

  /// What waits.
  public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

  /// Whether another record of any length fits.
  @inline(__always) var hasRoom: Bool { Self.capacity - count >= Self.recordRoom }

  /// Forgets what waits: it is sent, or kept elsewhere.
  public func clear() { count = 0 }

  /// Takes as much as there is room for.
  func append(_ fresh: UnsafeRawBufferPointer) -> Int {
    let taken = min(fresh.count, Self.capacity - count)
    UnsafeMutableRawBufferPointer(rebasing: memory[count..<count + taken])
      .copyMemory(from: UnsafeRawBufferPointer(rebasing: fresh[..<taken]))
    count += taken
    return taken
  }
}
