internal import MeshModel
internal import Synchronization

// @unchecked: the cells and the table of their blocks are atomics, a block is published (release, acquire) only once its
// cells are, and everything else is written by `init` alone. That only one thread counts is the caller's part: a second one
// would lose counts, and perhaps a block with them.
/// What one worker counts of connections. Its own thread counts: a few plain moves each (docs/decisions/0031), and one allocation
/// when it first meets a series. Every connection's end is counted in one series, so that sums over all of them are right.
final class TCPMetrics: @unchecked Sendable {
  private typealias Cells = UnsafeMutablePointer<Atomic<UInt64>>

  static let durations = Histogram()
  /// A block: four counts, connections closed by errno, and how long they were open.
  static let openedCell = 0
  static let openCell = 1
  static let readCell = 2
  static let wroteCell = 3
  static let closedBase = 4
  static let durationBase = closedBase + ErrnoLabel.names.count
  static let blockCells = durationBase + durations.cells

  /// The block of each series, by number; nil until this worker first counts in it.
  private let blocks: UnsafeMutablePointer<Atomic<Cells?>>

  init() {
    blocks = .allocate(capacity: TCPSeriesRegistry.capacity)
    for number in 0..<TCPSeriesRegistry.capacity { (blocks + number).initialize(to: Atomic(nil)) }
    // Those that have no labels of their own are there from the start.
    for number in 0..<TCPSeriesRegistry.own { _ = makeBlock(number) }
  }

  deinit {
    for number in 0..<TCPSeriesRegistry.capacity { blocks[number].load(ordering: .relaxed)?.deallocate() }
    blocks.deinitialize(count: TCPSeriesRegistry.capacity)
    blocks.deallocate()
  }

  func opened(_ series: UInt16, _ direction: Direction, _ peer: Peer) {
    let cells = block(series, direction, peer)
    Self.add(1, to: cells + Self.openedCell)
    Self.add(1, to: cells + Self.openCell)
  }

  func closed(_ series: UInt16, _ direction: Direction, _ peer: Peer, code: Int32, duration_ms: UInt64) {
    let cells = block(series, direction, peer)
    Self.add(.max, to: cells + Self.openCell)
    Self.add(1, to: cells + (Self.closedBase + ErrnoLabel.index(of: code)))
    let histogram = cells + Self.durationBase
    Self.add(1, to: histogram + Self.durations.bucket(of: duration_ms))
    Self.add(duration_ms, to: histogram + Self.durations.sumCell)
  }

  func read(_ bytes: UInt64, _ series: UInt16, _ direction: Direction, from peer: Peer) {
    Self.add(bytes, to: block(series, direction, peer) + Self.readCell)
  }

  func wrote(_ bytes: UInt64, _ series: UInt16, _ direction: Direction, to peer: Peer) {
    Self.add(bytes, to: block(series, direction, peer) + Self.wroteCell)
  }

  /// A counter's recent value; 0 where the series was never met. For any thread.
  func value(series: Int, at cell: Int) -> UInt64 {
    blocks[series].load(ordering: .acquiring)?[cell].load(ordering: .relaxed) ?? 0
  }

  /// Whether this worker ever counted in the series.
  func hasMet(_ series: Int) -> Bool { blocks[series].load(ordering: .acquiring) != nil }

  /// The number of what has none of its own.
  static func general(_ direction: Direction, _ peer: Peer) -> Int {
    (direction == .inbound ? 0 : Peer.allCases.count) + peer.rawValue
  }

  @inline(__always)
  private func block(_ series: UInt16, _ direction: Direction, _ peer: Peer) -> Cells {
    let isOwn = series >= TCPSeriesRegistry.own && series < TCPSeriesRegistry.capacity
    let number = isOwn ? Int(series) : Self.general(direction, peer)
    return blocks[number].load(ordering: .relaxed) ?? makeBlock(number)
  }

  @inline(__always)
  private static func add(_ amount: UInt64, to cell: Cells) {
    cell.pointee.store(cell.pointee.load(ordering: .relaxed) &+ amount, ordering: .relaxed)
  }

  /// The block of a series that this worker has not met before, published to whoever scrapes.
  @inline(never)
  private func makeBlock(_ number: Int) -> Cells {
    // Blocks of two workers share no cache line, so counting never slows a neighbour.
    let line = CounterBank.alignment
    let bytes = (Self.blockCells * MemoryLayout<Atomic<UInt64>>.stride + line - 1) / line * line
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: line)
    let cells = memory.bindMemory(to: Atomic<UInt64>.self, capacity: Self.blockCells)
    for index in 0..<Self.blockCells { (cells + index).initialize(to: Atomic(0)) }
    blocks[number].store(cells, ordering: .releasing)
    return cells
  }
}
