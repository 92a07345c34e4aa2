internal import MeshModel
internal import Synchronization

/// Notices the proxy's own connections coming back to it, which happens where the rules do not exclude its uid.
///
/// Each dialled connection leaves a mark of its four-tuple, and an accepted one with the same four-tuple may be itself. It
/// may also be a program's: no two open sockets share a four-tuple, but behind REDIRECT conntrack gives a connection another
/// source port where two from one port would look alike, and draws it from ports that the proxy has dialled from. So who
/// comes with a mark is served, and what is dialled for him is marked as dialled for one who came with a mark: a loop comes
/// back with that mark too, and a program does not. The mark ends with the connection: its port may be a program's next,
/// which dials the same destination from the same address.
final class LoopGuard: Sendable {
  /// Marks kept. A loop is missed only if so many others were dialled between a dial and its return, and then it is
  /// caught on its next round.
  private static let markCount = 1024

  // Written once a dialled connection, read once an accepted one. `Atomic` cannot be copied, so it stays behind a
  // pointer that lives as long as the guard.
  private nonisolated(unsafe) let marks: UnsafeMutablePointer<Atomic<UInt64>>

  init() {
    marks = .allocate(capacity: Self.markCount)
    for index in 0..<Self.markCount { (marks + index).initialize(to: Atomic(0)) }
  }

  deinit {
    marks.deinitialize(count: Self.markCount)
    marks.deallocate()
  }

  /// How an accepted connection looks.
  enum Sighting { case stranger, marked, loop }

  /// Marks a dialled connection for as long as the result lives; `isSuspect` where it is dialled for one that came with a
  /// mark.
  func remember(from local: SocketAddress, to destination: SocketAddress, isSuspect: Bool = false) -> LoopMark {
    let tuple = Self.hash(local, destination) | (isSuspect ? Self.suspicion : 0)
    marks[Self.place(tuple)].store(tuple, ordering: .relaxed)
    return LoopMark(owner: self, tuple: tuple)
  }

  /// Takes a mark away, unless its place has been taken by another's.
  fileprivate func forget(_ tuple: UInt64) {
    _ = marks[Self.place(tuple)].compareExchange(expected: tuple, desired: 0, ordering: .relaxed)
  }

  /// Whether the mark of such a connection is here, and what it says.
  func sighting(from source: SocketAddress, to destination: SocketAddress) -> Sighting {
    let tuple = Self.hash(source, destination)
    let mark = marks[Self.place(tuple)].load(ordering: .relaxed)
    guard mark & ~Self.suspicion == tuple else { return .stranger }
    return mark == tuple ? .marked : .loop
  }

  /// The bit of a mark that says that it was dialled for one that came with a mark.
  fileprivate static let suspicion: UInt64 = 2

  /// Where a tuple's mark is kept. Its lowest bit is always set and the next one no part of it, so they say nothing.
  private static func place(_ tuple: UInt64) -> Int { Int((tuple >> 2) % UInt64(markCount)) }

  /// Mixes all 288 bits of the tuple into 62 (the finaliser of SplitMix64), never 0.
  private static func hash(_ from: SocketAddress, _ to: SocketAddress) -> UInt64 {
    var state: UInt64 = 0x9e37_79b9_7f4a_7c15
    mix(&state, from.ip.high)
    mix(&state, from.ip.low)
    mix(&state, to.ip.high)
    mix(&state, to.ip.low)
    mix(&state, UInt64(from.port) << 16 | UInt64(to.port))
    return (state | 1) & ~suspicion
  }

  private static func mix(_ state: inout UInt64, _ word: UInt64) {
    state = (state ^ word) &* 0xbf58_476d_1ce4_e5b9
    state ^= state >> 29
  }
}

/// That a four-tuple is the proxy's own, until this value's life ends.
struct LoopMark: ~Copyable {
  private let owner: LoopGuard
  private let tuple: UInt64

  fileprivate init(owner: LoopGuard, tuple: UInt64) {
    self.owner = owner
    self.tuple = tuple
  }

  /// It is of a connection that was dialled for one that came with a mark.
  var isSuspect: Bool { tuple & LoopGuard.suspicion != 0 }

  deinit { owner.forget(tuple) }
}
