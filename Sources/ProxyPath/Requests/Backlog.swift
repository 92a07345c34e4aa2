internal import Kernel
internal import Reactor

/// What became of bytes that were to be sent.
enum SendOutcome {
  /// The socket took them all.
  case sent
  /// Some wait here: nothing more is to be sent, or read for it, until they are gone.
  case waiting
  /// The peer takes no more; the value is `errno`.
  case failed(Int32)
}

/// Bytes that one socket has not taken yet. Whoever owns it releases it to the pool before its life ends.
struct Backlog: ~Copyable {
  private var bytes: UnsafeMutableRawBufferPointer?
  private var offset = 0

  /// Nothing waits.
  var isEmpty: Bool { bytes == nil }

  /// How many bytes wait.
  var count: Int { bytes.map { $0.count - offset } ?? 0 }

  /// Sends what waits, as far as the socket takes it.
  @inline(__always)
  mutating func flush(to side: inout Side, _ pool: inout BufferPool) -> SendOutcome {
    guard bytes != nil else { return .sent }
    return flushSome(to: &side, &pool)
  }

  private mutating func flushSome(to side: inout Side, _ pool: inout BufferPool) -> SendOutcome {
    guard let bytes else { return .sent }
    guard side.isWritable else { return .waiting }
    let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
    switch side.transmit(rest) {
    case .bytes(let count) where count == rest.count:
      release(to: &pool)
      return .sent
    case .bytes(let count):
      offset += count
      side.isWritable = false
      return .waiting
    case .wouldBlock:
      side.isWritable = false
      return .waiting
    case .failed(let code): return .failed(code)
    }
  }

  /// Sends `fresh` behind what waits; what is not taken is copied and waits.
  @inline(__always)
  mutating func send(
    _ fresh: UnsafeRawBufferPointer,
    to side: inout Side,
    _ pool: inout BufferPool
  ) -> SendOutcome {
    guard !fresh.isEmpty else { return bytes == nil ? .sent : .waiting }
    guard bytes == nil, side.isWritable else {
      append(fresh, &pool)
      return .waiting
    }
    switch side.transmit(fresh) {
    case .bytes(let count) where count == fresh.count: return .sent
    case .bytes(let count): append(UnsafeRawBufferPointer(rebasing: fresh[count...]), &pool)
    case .wouldBlock: append(fresh, &pool)
    case .failed(let code): return .failed(code)
    }
    side.isWritable = false
    return .waiting
  }

  /// Whether `fresh` may be sent with the turn's other messages: it is not too much for that, and no others wait.
  @inline(__always)
  func canPost(_ fresh: UnsafeRawBufferPointer, to side: borrowing Side) -> Bool {
    !fresh.isEmpty && fresh.count <= SendBatch.largest && bytes == nil && side.isWritable
  }

  /// Keeps `fresh` to be sent with the turn's other messages; see `canPost`.
  @inline(__always)
  mutating func post(_ fresh: UnsafeRawBufferPointer, _ pool: inout BufferPool) {
    bytes = pool.keep(fresh)
    offset = 0
  }

  private mutating func append(_ fresh: UnsafeRawBufferPointer, _ pool: inout BufferPool) {
    guard let old = bytes else {
      bytes = pool.keep(fresh)
      offset = 0
      return
    }
    let waiting = old.count - offset
    let joined = pool.room(for: waiting + fresh.count)
    joined.copyMemory(from: UnsafeRawBufferPointer(rebasing: old[offset...]))
    UnsafeMutableRawBufferPointer(rebasing: joined[waiting...]).copyMemory(from: fresh)
    pool.giveBack(old)
    bytes = joined
    offset = 0
  }

  /// What waits and `fresh` behind it, in one buffer of the pool that the caller owns now.
  mutating func join(_ fresh: UnsafeRawBufferPointer, _ pool: inout BufferPool) -> UnsafeMutableRawBufferPointer {
    if offset > 0 || bytes != nil { append(fresh, &pool) }
    guard let joined = bytes else { return pool.keep(fresh) }
    guard offset > 0 else {
      bytes = nil
      return joined
    }
    let rest = pool.keep(UnsafeRawBufferPointer(rebasing: joined[offset...]))
    release(to: &pool)
    return rest
  }

  /// Forgets what waits.
  mutating func release(to pool: inout BufferPool) {
    if let bytes { pool.giveBack(bytes) }
    bytes = nil
    offset = 0
  }
}
