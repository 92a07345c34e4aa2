import Kernel
@testable import ProxyPath
import Reactor

/// One direction of a connection with everything a worker would put around it: an edge-triggered loop, a scratch
/// buffer, a pool.
final class RelayBench {
  /// The program that sends, and the one that receives.
  let source: Held
  let sink: Held
  var sender: Side
  var receiver: Side
  var flow = Flow()
  var pool: BufferPool
  private let loop: Epoll
  private let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(ReadSize.largest.bytes), alignment: 4096)

  init(_ make: () throws -> StreamPair, poolLimit: Int = RelayLimit.pendingBytesPerWorker) throws {
    let (source, senderEnd) = try make().split()
    let (receiverEnd, sink) = try make().split()
    self.source = source
    self.sink = sink
    sender = Side(senderEnd.give())
    receiver = Side(receiverEnd.give())
    pool = BufferPool(limit: poolLimit)
    loop = try Epoll()
    loop.add(sender.socket, .stream, token: 0)
    loop.add(receiver.socket, .stream, token: 1)
  }

  deinit {
    if let pending = flow.pending { pool.giveBack(pending) }
    scratch.deallocate()
  }

  /// Bytes waiting for the receiver.
  var pendingCount: Int { flow.pending.map { $0.count - Int(flow.pendingOffset) } ?? 0 }

  /// Takes in what the kernel says, waiting up to `timeout_ms` for news, and relays once.
  func turn(timeout_ms: Int32 = 0, steps: Int = RelayLimit.stepsPerTurn) -> RelayOutcome {
    for index in 0..<loop.wait(timeout_ms: timeout_ms) {
      let (token, readiness) = loop.event(index)
      if token == 0 { sender.note(readiness) } else { receiver.note(readiness) }
    }
    return relay(from: &sender, to: &receiver, &flow, through: scratch, pool: &pool, steps: steps)
  }

  /// Turns until `isDone` or the flow fails; nil where neither comes about.
  func turns(until isDone: () -> Bool) -> RelayOutcome? {
    for _ in 0..<100 {
      let outcome = turn(timeout_ms: isDone() ? 0 : 100)
      switch outcome {
      case .senderFailed, .receiverFailed: return outcome
      case .waiting, .unfinished: if isDone() { return outcome }
      }
    }
    return nil
  }

  /// Makes the receiver's side as full as it gets, and bytes wait for it. Returns how many the source wrote.
  func stuff() -> Int {
    let block = [UInt8](repeating: 0x2e, count: 64 << 10)
    var written = 0
    var quiet = 0
    // Full means: nothing more was taken while the kernel had time to move packets.
    while quiet < 3 {
      let count = source.write(block) ?? 0
      written += count
      _ = turn(timeout_ms: count == 0 ? 20 : 0)
      quiet = count == 0 && pendingCount > 0 ? quiet + 1 : 0
    }
    return written
  }
}

extension RelayOutcome {
  /// The outcome without its `errno`, for comparisons.
  var word: String {
    switch self {
    case .waiting: "waiting"
    case .unfinished: "unfinished"
    case .senderFailed: "sender failed"
    case .receiverFailed: "receiver failed"
    }
  }
}
