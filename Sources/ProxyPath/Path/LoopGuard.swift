internal import MeshModel
internal import Synchronization

/// Notices the proxy's own connections coming back to it, which happens where the rules do not exclude its uid.
///
/// Each dialled connection leaves a mark of its four-tuple; an accepted one with the same four-tuple can only be itself,
/// since the kernel never lets two sockets share one while both are open. Once the dialled one has ended its port is
/// free for any program, so its mark then only tells of a return that had been reset before it was accepted: it must
/// not be dialled for again, or it would chase itself for ever.
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

  /// Marks a dialled connection; the mark is for `end`.
  func remember(from local: SocketAddress, to destination: SocketAddress) -> UInt64 {
    let tuple = Self.hash(local, destination)
    place(tuple).pointee.store(tuple, ordering: .relaxed)
    return tuple
  }

  /// The dialled connection of this mark has ended; 0 is no mark.
  func end(_ mark: UInt64) {
    guard mark != 0 else { return }
    _ = place(mark).pointee.compareExchange(expected: mark, desired: mark & ~Self.openBit, ordering: .relaxed)
  }

  /// Whether an accepted connection is one that the proxy dialled. `isReset` is asked only where that has ended.
  func isOwn(from source: SocketAddress, to destination: SocketAddress, isReset: () -> Bool) -> Bool {
    let tuple = Self.hash(source, destination)
    let found = place(tuple).pointee.load(ordering: .relaxed)
    guard found | Self.openBit == tuple else { return false }
    return found == tuple || isReset()
  }

  /// Set in every mark until its connection has ended.
  private static let openBit: UInt64 = 1

  private func place(_ mark: UInt64) -> UnsafeMutablePointer<Atomic<UInt64>> {
    marks + Int((mark >> 1) % UInt64(Self.markCount))
  }

  /// Mixes all 288 bits of the tuple into 64 (the finaliser of SplitMix64), never 0 and always with the open bit.
  private static func hash(_ from: SocketAddress, _ to: SocketAddress) -> UInt64 {
    var state: UInt64 = 0x9e37_79b9_7f4a_7c15
    mix(&state, from.ip.high)
    mix(&state, from.ip.low)
    mix(&state, to.ip.high)
    mix(&state, to.ip.low)
    mix(&state, UInt64(from.port) << 16 | UInt64(to.port))
    return state | openBit
  }

  private static func mix(_ state: inout UInt64, _ word: UInt64) {
    state = (state ^ word) &* 0xbf58_476d_1ce4_e5b9
    state ^= state >> 29
  }
}
