internal import MeshModel
public import Synchronization

// @unchecked: the cells and the table of their blocks are atomics, a block is published (release, acquire) only once its
// cells are, and everything else is written by `init` alone, so reading is sound from anywhere. That only one thread counts
// is the caller's part: a second one would lose counts, and perhaps a block with them.
/// What one worker counts of requests. Its own thread calls `ended`: a few plain moves (docs/decisions/0031), and one
/// allocation when it first meets a series.
public final class RequestMetrics: @unchecked Sendable {
  @usableFromInline typealias Cells = UnsafeMutablePointer<Atomic<UInt64>>

  /// Where each counter lies.
  public let layout: RequestLayout
  /// The block of each series, by number; nil until this worker first counts in it.
  @usableFromInline let blocks: UnsafeMutablePointer<Atomic<Cells?>>
  @usableFromInline let latencyBounds_ns: UnsafeMutablePointer<UInt64>
  // Copies of what the layout says, beside each other: `ended` reads them with every request.
  @usableFromInline let methodCount: Int
  @usableFromInline let endCount: Int
  @usableFromInline let endBase: Int
  @usableFromInline let latencyBase: Int
  @usableFromInline let retriesCell: Int
  @usableFromInline let callBase: Int

  /// All counters at zero.
  public init(_ layout: RequestLayout) {
    self.layout = layout
    methodCount = layout.methods.count
    endCount = layout.ends.count
    endBase = layout.endBase
    latencyBase = layout.latencyBase
    retriesCell = layout.retriesCell
    callBase = layout.callBase
    blocks = .allocate(capacity: RequestSeriesRegistry.capacity)
    for number in 0..<RequestSeriesRegistry.capacity { (blocks + number).initialize(to: Atomic(nil)) }
    let bounds = RequestLayout.latencyBounds_ms
    latencyBounds_ns = .allocate(capacity: bounds.count)
    for (index, bound) in bounds.enumerated() { (latencyBounds_ns + index).initialize(to: bound * 1_000_000) }
  }

  deinit {
    for number in 0..<RequestSeriesRegistry.capacity {
      blocks[number].load(ordering: .relaxed)?.deallocate()
    }
    blocks.deinitialize(count: RequestSeriesRegistry.capacity)
    blocks.deallocate()
    latencyBounds_ns.deallocate()
  }

  /// A request is over. Only the worker's own thread may call this.
  ///
  /// - Parameters:
  ///   - series: A number of the registry's; any other is not counted.
  ///   - method: Counts in the layout's methods.
  ///   - status: What the client was answered; 0 where it was not.
  ///   - grpcCode: What a call of gRPC came to; nil for other requests, and where nobody said.
  ///   - end: Counts in the layout's ends.
  ///   - latency_ns: Until the first byte of the answer, as Linkerd measures it.
  ///   - retries: Tries beyond the first.
  ///   - received: Body bytes from the client.
  ///   - sent: Body bytes to the client.
  @inlinable
  public func ended(
    series: Int,
    method: Int,
    status: UInt16,
    grpcCode: UInt8? = nil,
    end: Int,
    latency_ns: UInt64,
    retries: UInt64 = 0,
    received: UInt64 = 0,
    sent: UInt64 = 0
  ) {
    guard series >= 0, series < Self.capacity, method >= 0, method < methodCount, end >= 0, end < endCount else {
      return
    }
    let cells = blocks[series].load(ordering: .relaxed) ?? makeBlock(series)
    let statusClass = status >= 100 && status < 600 ? Int(status / 100) : 0
    if let grpcCode, grpcCode < Self.grpcCodes, statusClass == 2 {
      Self.add(1, to: cells + (callBase &+ Int(grpcCode)))
    } else {
      Self.add(1, to: cells + (method &* RequestLayout.statusClasses &+ statusClass))
    }
    Self.add(1, to: cells + (endBase &+ end))
    if retries > 0 { Self.add(retries, to: cells + retriesCell) }
    if received > 0 { Self.add(received, to: cells + (retriesCell &+ 1)) }
    if sent > 0 { Self.add(sent, to: cells + (retriesCell &+ 2)) }
    guard statusClass > 0 else { return }
    let histogram = cells + (latencyBase &+ (statusClass &- 1) &* Self.latencyCells)
    // Fast answers are the many, and their buckets come first.
    var bucket = 0
    while bucket < Self.boundCount, latency_ns > latencyBounds_ns[bucket] { bucket &+= 1 }
    Self.add(1, to: histogram + bucket)
    Self.add(latency_ns / 1_000, to: histogram + (Self.boundCount &+ 1))
  }

  // Numbers that the inlined code holds as constants; the layout and a test hold them to the lists they count.
  @usableFromInline static var capacity: Int { @inline(__always) get { 1_002 } }
  @usableFromInline static var boundCount: Int { @inline(__always) get { 25 } }
  @usableFromInline static var grpcCodes: UInt8 { @inline(__always) get { 17 } }
  @usableFromInline static var latencyCells: Int { @inline(__always) get { 27 } }

  @inlinable
  static func add(_ amount: UInt64, to cell: Cells) {
    cell.pointee.store(cell.pointee.load(ordering: .relaxed) &+ amount, ordering: .relaxed)
  }

  /// The block of a series that this worker has not met before, published to whoever scrapes.
  @usableFromInline @inline(never)
  func makeBlock(_ series: Int) -> Cells {
    let stride = MemoryLayout<Atomic<UInt64>>.stride
    // Blocks of two workers share no cache line, so counting never slows a neighbour.
    let line = CounterBank.alignment
    let bytes = (layout.cells * stride + line - 1) / line * line
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: line)
    let cells = memory.bindMemory(to: Atomic<UInt64>.self, capacity: layout.cells)
    for index in 0..<layout.cells { (cells + index).initialize(to: Atomic(0)) }
    blocks[series].store(cells, ordering: .releasing)
    return cells
  }

  /// A counter's recent value; 0 where the series was never met. For any thread.
  func value(series: Int, at cell: Int) -> UInt64 {
    blocks[series].load(ordering: .acquiring)?[cell].load(ordering: .relaxed) ?? 0
  }

  /// Whether this worker ever counted in the series.
  func hasMet(_ series: Int) -> Bool { blocks[series].load(ordering: .acquiring) != nil }
}
