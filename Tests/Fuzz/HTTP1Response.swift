import HTTP1

/// Any bytes as a response: refused, or read as the same once written; and in two pieces, cut where the first byte
/// says, no other than at once.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count > 1 else { return 0 }
  let bytes = UnsafeRawBufferPointer(start: start + 1, count: count - 1)
  let piece = UnsafeRawBufferPointer(rebasing: bytes[..<min(Int(start[0]), bytes.count)])
  var head = ResponseHead()
  let first = head.parse(piece)
  let outcome = head.parse(bytes)
  precondition(first == .partial || first == outcome)

  if case .whole(let length) = outcome {
    precondition(ResponseHead.endOfHead(in: bytes, from: 0) == length && length <= bytes.count)
    for method in Method.allCases {
      let once = written(head, answering: method)
      let (framing, status) = (head.framing(answering: method), head.status)
      once.withUnsafeBytes { again in
        precondition(head.parse(again) == .whole(length: again.count))
        precondition(head.framing(answering: method) == framing && head.status == status)
        precondition(written(head, answering: method) == once)
      }
      precondition(head.parse(bytes) == outcome)
    }
  }
  return 0
}

private func written(_ head: borrowing ResponseHead, answering method: Method) -> [UInt8] {
  withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 16) { buffer in
    var writer = HeadWriter(buffer)
    writer.put("HTTP/1.1 ")
    writer.put(decimal: UInt64(head.status))
    writer.put(UInt8(ascii: " "))
    writer.put(head[head.reason])
    writer.putEnd()
    head.fields.write(into: &writer)
    head.writeFraming(answering: method, into: &writer)
    writer.putEnd()
    precondition(!writer.isOverflown)
    return Array(writer.written)
  }
}
