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
    room(for: fresh.count, &pool).copyMemory(from: fresh)
    count += fresh.count
  }

  /// Room behind the bytes, for `extra` at least; what is written there counts once `fill` was told of it.
  mutating func room(for extra: Int, _ pool: inout BufferPool) -> UnsafeMutableRawBufferPointer {
    let room = memory?.count ?? 0
    let needed = count + extra
    if room < needed {
      let larger = pool.room(for: BufferPool.wholeRoom(for: needed) ?? max(needed, 2 * room))
      if let memory {
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<count]))
        pool.giveBack(memory)
      }
      memory = larger
    }
    guard let memory else { return UnsafeMutableRawBufferPointer(start: nil, count: 0) }
    return UnsafeMutableRawBufferPointer(rebasing: memory[count...])
  }

  /// So many bytes were written to the room behind the others.
  mutating func fill(_ written: Int) { count += written }

  /// Lets `body` change bytes where they lie.
  mutating func edit(_ body: (UnsafeMutableRawBufferPointer) -> Void) {
    if let memory { body(UnsafeMutableRawBufferPointer(rebasing: memory[..<count])) }
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
