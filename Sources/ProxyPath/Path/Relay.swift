internal import Kernel
internal import Reactor

/// What a step of one direction came to.
enum RelayOutcome {
  /// Nothing more can move until a socket says so.
  case waiting
  /// The step's allowance is used up and more may be there: go on next turn.
  case unfinished
  /// The sender failed (reset, usually); the value is `errno`.
  case senderFailed(Int32)
  /// The receiver takes no more; the value is `errno`.
  case receiverFailed(Int32)
}

/// The bounds of relaying.
enum RelayLimit {
  /// Reads of one direction in one turn, so that a fast flow cannot starve the others.
  static let stepsPerTurn = 4
  /// Bytes one worker holds for slow readers before every read becomes the smallest: 64 MiB holds 128 slow bulk
  /// flows at full size. Beyond it each direction adds at most `ReadSize.underPressure`.
  static let pendingBytesPerWorker = 64 << 20
}

/// Moves bytes from `sender` to `receiver` until one of them would wait or the allowance is used up.
///
/// Bytes go through `scratch`, which belongs to the thread; only what the receiver refuses is copied and kept, and then
/// the sender is not read again until the receiver took it. So a slow reader slows its sender, not the proxy. A reset
/// does not queue behind bytes, here as little as in TCP: it is told although the receiver does not read.
func relay(
  from sender: inout Side,
  to receiver: inout Side,
  _ flow: inout Flow,
  through scratch: UnsafeMutableRawBufferPointer,
  pool: inout BufferPool,
  steps: Int = RelayLimit.stepsPerTurn
) -> RelayOutcome {
  if let pending = flow.pending {
    guard receiver.isWritable else { return stalled(sender) }
    let rest = UnsafeRawBufferPointer(rebasing: pending[Int(flow.pendingOffset)...])
    switch receiver.transmit(rest) {
    case .bytes(let count) where count == rest.count:
      pool.giveBack(pending)
      flow.pending = nil
    case .bytes(let count):
      flow.pendingOffset += Int32(count)
      receiver.isWritable = false
      return stalled(sender)
    case .wouldBlock:
      receiver.isWritable = false
      return stalled(sender)
    case .failed(let code):
      return .receiverFailed(code)
    }
  }
  return relayFresh(from: &sender, to: &receiver, &flow, through: scratch, pool: &pool, steps: steps)
}

/// The part of `relay` that reads: nothing is pending.
@inline(__always)
private func relayFresh(
  from sender: inout Side,
  to receiver: inout Side,
  _ flow: inout Flow,
  through scratch: UnsafeMutableRawBufferPointer,
  pool: inout BufferPool,
  steps: Int
) -> RelayOutcome {
  var stepsLeft = steps
  while sender.isReadable, !flow.isEnded {
    guard stepsLeft > 0 else { return .unfinished }
    stepsLeft -= 1
    let allowance = pool.isOverLimit ? ReadSize.underPressure.bytes : flow.readSize.bytes
    let window = UnsafeMutableRawBufferPointer(rebasing: scratch[..<Int(allowance)])
    switch sender.receive(into: window) {
    case .bytes(let count):
      flow.bytes &+= UInt64(count)
      if count == window.count { flow.readSize.grow() } else if !sender.mayHoldMore { sender.isReadable = false }
      let fresh = UnsafeRawBufferPointer(rebasing: window[..<count])
      switch receiver.transmit(fresh) {
      case .bytes(let sent) where sent == count: continue
      case .bytes(let sent): hold(fresh[sent...], &receiver, &flow, &pool)
      case .wouldBlock: hold(fresh[...], &receiver, &flow, &pool)
      case .failed(let code): return .receiverFailed(code)
      }
      return stalled(sender)
    case .endOfStream:
      sender.isReadable = false
      flow.isEnded = true
    case .wouldBlock:
      sender.isReadable = false
    case .failed(let code):
      return .senderFailed(code)
    }
  }
  if flow.isEnded, !flow.isForwarded {
    receiver.finishWriting()
    flow.isForwarded = true
  }
  return .waiting
}

/// Keeps what the receiver would not take; the next edge of writability goes on with it.
private func hold(
  _ rest: Slice<UnsafeRawBufferPointer>,
  _ receiver: inout Side,
  _ flow: inout Flow,
  _ pool: inout BufferPool
) {
  flow.pending = pool.keep(UnsafeRawBufferPointer(rebasing: rest))
  flow.pendingOffset = 0
  receiver.isWritable = false
}

/// Bytes wait for the receiver, so the sender is not read and its reset would go unseen for as long as that takes.
private func stalled(_ sender: borrowing Side) -> RelayOutcome {
  sender.isBroken ? .senderFailed(sender.takeError()) : .waiting
}
