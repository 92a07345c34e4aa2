internal import DNS
internal import Synchronization

/// The names, which any task changes and the event loop answers from.
///
/// Both work on the one table under its lock, so that a change of one service is that and no copy of all. The lock is held
/// for some microseconds: as long as one answer, or one change, takes.
final class SharedNames: Sendable {
  private let table: Mutex<NameTable>

  init(_ table: NameTable) { self.table = Mutex(table) }

  func update<Result: Sendable>(_ body: (inout NameTable) -> Result) -> Result { table.withLock { body(&$0) } }

  func answer(
    _ bytes: [UInt8],
    by transport: DNSTransport,
    _ server: inout NameServer,
    rotation: UInt64
  ) -> NameServer.Outcome {
    table.withLock { server.receive(bytes, by: transport, from: $0, rotation: rotation) }
  }

  var sizes: (services: Int, leftOut: Int) { table.withLock { ($0.count, $0.leftOut) } }
}
