/// Room for a connection's output: what several calls give is put one behind the other, to be written at once.
public struct PathOutput: BitwiseCopyable {
  /// The most plaintext in one TLS record (RFC 8446 section 5.1).
  public static let recordBytes = 16 << 10
  /// What is written at once: three full records. Each write wakes whoever reads, so bodies go in few.
  public static let flushBytes = 3 * recordBytes

  // Unsafe: the caller's memory, valid as long as it uses this value.
  let memory: UnsafeMutableRawBufferPointer
  /// Bytes that are to be sent.
  public internal(set) var count = 0

  /// Less than this takes no piece of a body; see `OutputRoom.piece`.
  private static let leastBytes = 512

  /// Room of the caller's, which outlives this value.
  public init(_ memory: UnsafeMutableRawBufferPointer) {
    precondition(memory.count >= Self.leastBytes, "room for no piece of a body")
    self.memory = memory
  }

  /// What is to be sent.
  public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

  /// Whether no further frame would fit.
  public var isFull: Bool { memory.count - count <= OutputRoom.frameHeadBytes }

  /// Forgets what was sent.
  public mutating func removeAll() { count = 0 }
}
