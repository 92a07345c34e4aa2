public import Synchronization

// @unchecked: the cells are atomics, so reading is sound from anywhere; that only one thread adds is the caller's part,
// and a second one would lose counts, not memory.
/// Counters of one worker: it alone writes them, any thread reads them.
///
/// A single writer needs no locked instruction: a relaxed load, an addition and a relaxed store, which compile to plain
/// moves (docs/decisions/0031). A reader sees each counter at some recent value; counters read together need not agree.
public final class CounterBank: @unchecked Sendable {
  /// Banks of two workers share no cache line, so counting never slows a neighbour.
  static let alignment = 64

  @usableFromInline
  let cells: UnsafeMutablePointer<Atomic<UInt64>>
  /// How many counters there are.
  public let count: Int

  /// `count` counters at zero.
  public init(count: Int) {
    self.count = count
    let stride = MemoryLayout<Atomic<UInt64>>.stride
    let bytes = (count * stride + Self.alignment - 1) / Self.alignment * Self.alignment
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: Self.alignment)
    cells = memory.bindMemory(to: Atomic<UInt64>.self, capacity: count)
    for index in 0..<count { (cells + index).initialize(to: Atomic(0)) }
  }

  deinit {
    cells.deinitialize(count: count)
    UnsafeMutableRawPointer(cells).deallocate()
  }

  /// Adds to a counter; it wraps at 2^64. Only the bank's own thread may call this. `index` is below `count`.
  @inlinable
  public func add(_ amount: UInt64, at index: Int) {
    assert(index >= 0 && index < count)
    let value = cells[index].load(ordering: .relaxed)
    cells[index].store(value &+ amount, ordering: .relaxed)
  }

  /// A counter's recent value, for any thread.
  @inlinable
  public func value(at index: Int) -> UInt64 {
    precondition(index >= 0 && index < count)
    return cells[index].load(ordering: .relaxed)
  }
}
