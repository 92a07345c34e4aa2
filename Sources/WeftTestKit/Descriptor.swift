internal import Foundation
internal import Glibc

/// A descriptor that several threads of a test may use; closed when the last of them lets go, or earlier by `close()`.
final class Descriptor: @unchecked Sendable {
  // Unchecked: the number never changes, and `isOpen` is only touched under `lock`.
  let number: Int32
  private var isOpen = true
  private let lock = NSLock()

  init(owning number: Int32) { self.number = number }

  /// Closes it now; later calls do nothing.
  func close() {
    lock.withLock {
      if isOpen { _ = Glibc.close(number) }
      isOpen = false
    }
  }

  deinit { close() }

  /// Both ends of a pipe, kept from spawned programs unless handed over by name.
  static func pipe() throws -> (read: Descriptor, write: Descriptor) {
    var ends: [Int32] = [-1, -1]
    guard pipe2(&ends, Int32(O_CLOEXEC)) == 0 else { throw TestKitError.system("pipe2") }
    return (Descriptor(owning: ends[0]), Descriptor(owning: ends[1]))
  }
}
