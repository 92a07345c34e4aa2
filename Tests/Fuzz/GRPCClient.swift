import AgentLink
import HTTP2

/// Any bytes as what a server sends to a client with three calls, in pieces as long as the first byte says: each call ends
/// at most once and with nothing after it, and all have ended when the connection has. Time passes with each piece, so that
/// the budget for frames that do nothing is met by some inputs only.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count > 1, var client = try? GRPCClient(limits: limits) else { return 0 }
  let input = UnsafeRawBufferPointer(start: start + 1, count: count - 1)
  let pieceBytes = Int(start[0]) + 1
  var open: Set<GRPCCall> = []
  for finishes in [true, false, true] {
    guard let call = try? client.start(GRPCMethod(service: "a.B", name: "C"), timeout_ms: 1000) else {
      preconditionFailure("a fresh client takes calls")
    }
    open.insert(call)
    try? client.send(call, [1, 2, 3])
    if finishes { try? client.finish(call) }
  }
  var received = 0
  var sent: [UInt8] = []
  for offset in stride(from: 0, to: input.count, by: pieceBytes) {
    sent.removeAll(keepingCapacity: true)
    client.takeOutput(into: &sent, limit_bytes: 64 << 10)
    client.receive(
      UnsafeRawBufferPointer(rebasing: input[offset..<min(offset + pieceBytes, input.count)]),
      now_ms: UInt64(offset)
    )
    note(client.takeEvents(), &open, &received)
  }
  // No message can be of more bytes than came.
  precondition(received <= input.count)
  client.disconnect("the end of the input")
  note(client.takeEvents(), &open, &received)
  precondition(open.isEmpty && client.isOver && client.openCalls == 0)
  return 0
}

private func note(_ events: [GRPCEvent], _ open: inout Set<GRPCCall>, _ received: inout Int) {
  for event in events {
    switch event {
    case .message(let call, let bytes):
      precondition(open.contains(call) && bytes.count <= limits.message_bytes)
      received += bytes.count
    case .ended(let call, _): precondition(open.remove(call) != nil)
    }
  }
}

private let limits: GRPCLimits = {
  var limits = GRPCLimits()
  limits.message_bytes = 1000
  limits.session.controlFrames = 50
  limits.session.headerListBytes = 4 << 10
  return limits
}()
