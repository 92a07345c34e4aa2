internal import Reactor

/// Bytes that were read and could not be used yet: the beginning of a head, of a chunk's line, or a request that came
/// before the answer to the one before it. Memory grows with them, so that a client that sends one byte costs little.
struct HeldBytes: ~Copyable {
  private var memory: UnsafeMutableRawBufferPointer?
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  /// The bytes, good until the next change.
  var bytes: UnsafeRawBufferPointer {
    guard let memory else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    return UnsafeRawBufferPointer(rebasing: memory[..<count])
  }

  /// Adds bytes; they do not lie in this memory themselves.
  mutating func append(_ fresh: UnsafeRawBufferPointer, _ pool: inout BufferPool) {
    guard !fresh.isEmpty else { return }
    let room = memory?.count ?? 0
    if room < count + fresh.count {
      let larger = pool.room(for: max(count + fresh.count, 2 * room))
      if let memory {
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<count]))
        pool.giveBack(memory)
      }
      memory = larger
    }
    if let memory {
      UnsafeMutableRawBufferPointer(rebasing: memory[count...]).copyMemory(from: fresh)
      count += fresh.count
    }
  }

  /// The bytes in an owner of their own; nothing is held here any more.
  mutating func take() -> HeldBytes {
    var taken = HeldBytes()
    (taken.memory, taken.count) = (memory, count)
    (memory, count) = (nil, 0)
    return taken
  }

  /// Copies the bytes to the start of `buffer`, which is large enough, and forgets them here.
  mutating func move(to buffer: UnsafeMutableRawBufferPointer, _ pool: inout BufferPool) -> Int {
    let moved = count
    buffer.copyMemory(from: bytes)
    release(to: &pool)
    return moved
  }

  /// Forgets the bytes.
  mutating func release(to pool: inout BufferPool) {
    if let memory { pool.giveBack(memory) }
    memory = nil
    count = 0
  }
}
