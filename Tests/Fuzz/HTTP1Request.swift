import HTTP1

/// Any bytes as a request: refused, or read as the same once written; and in two pieces, cut where the first byte says,
/// no other than at once.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count > 1 else { return 0 }
  let bytes = UnsafeRawBufferPointer(start: start + 1, count: count - 1)
  let piece = UnsafeRawBufferPointer(rebasing: bytes[..<min(Int(start[0]), bytes.count)])
  var head = RequestHead()
  let first = head.parse(piece)
  let outcome = head.parse(bytes)
  precondition(first == .partial || first == outcome)

  let end = RequestHead.endOfHead(in: bytes, from: 0)
  precondition(end == RequestHead.endOfHead(in: piece, from: 0) ?? RequestHead.endOfHead(in: bytes, from: piece.count))
  precondition(end == nil || outcome != .partial)  // else whoever waits for the end would read for ever
  if case .whole(let length) = outcome {
    precondition(end == length && length <= bytes.count)
    let once = written(head)
    let (framing, method, host) = (head.framing, head.method, Array(head[head.host]))
    once.withUnsafeBytes { again in
      let outcome = head.parse(again)
      // What came as HTTP/1.0 may have no Host, and is written as 1.1.
      if outcome == .refused(.missingHost) { return }
      precondition(outcome == .whole(length: again.count))
      precondition(head.framing == framing && head.method == method && Array(head[head.host]) == host)
      precondition(written(head) == once)
    }
  }
  return 0
}

private func written(_ head: borrowing RequestHead) -> [UInt8] {
  withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 16) { buffer in
    var writer = HeadWriter(buffer)
    head.writeLine(into: &writer)
    head.fields.write(into: &writer)
    writer.putFraming(head.framing)
    writer.putEnd()
    precondition(!writer.isOverflown)
    return Array(writer.written)
  }
}
