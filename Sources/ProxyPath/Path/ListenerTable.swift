internal import Kernel
internal import MeshModel

/// A worker's listening sockets, owned; filled before the worker starts.
struct ListenerTable: ~Copyable {
  private let storage: UnsafeMutablePointer<ListeningSocket>
  private(set) var count = 0

  /// Room for so many: two families of one outbound port and an inbound range, more after a hand-over from a proxy with
  /// more workers.
  let capacity: Int

  init(capacity: Int) {
    self.capacity = capacity
    storage = .allocate(capacity: capacity)
  }

  deinit {
    storage.deinitialize(count: count)
    storage.deallocate()
  }

  var indices: Range<Int> { 0..<count }

  /// False where the table is full, and the socket is closed.
  mutating func append(_ socket: consuming FileDescriptor, _ direction: Direction) -> Bool {
    guard count < capacity else { return false }
    (storage + count).initialize(to: ListeningSocket(socket, direction))
    count += 1
    return true
  }

  /// Closes all of them.
  mutating func removeAll() {
    storage.deinitialize(count: count)
    count = 0
  }

  subscript(index: Int) -> ListeningSocket {
    _read {
      precondition(index < count)
      yield storage[index]
    }
  }
}
