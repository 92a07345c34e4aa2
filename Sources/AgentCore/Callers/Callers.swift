internal import Synchronization

/// Who is at the other end of each connection of the agent's socket, by a number of our own.
///
/// gRPC hands its services nothing of the connection but the request's header, which can carry a number and not a process.
/// There are as many as open connections, and so no more than descriptors.
final class Callers: Sendable {
  private struct Table {
    var last: UInt64 = 0
    var known: [UInt64: Caller] = [:]
  }

  private let table = Mutex(Table())

  /// Makes a caller known; its number is no other's before or after.
  func add(_ caller: Caller) -> UInt64 {
    table.withLock { table in
      table.last += 1
      table.known[table.last] = caller
      return table.last
    }
  }

  func remove(_ number: UInt64) { table.withLock { $0.known[number] = nil } }

  subscript(number: UInt64) -> Caller? { table.withLock { $0.known[number] } }
}
