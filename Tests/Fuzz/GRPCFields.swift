import HTTP1

/// Any bytes as the values of `grpc-timeout` and `grpc-status`: a time that is taken is written again as no more than it was,
/// and as itself from then on.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = UnsafeRawBufferPointer(start: start, count: count)
  _ = GRPCCode(bytes)
  guard let timeout = GRPCTimeout(bytes) else { return 0 }
  precondition(count <= 9 && timeout.nanoseconds > 0)
  let again = copied(timeout)
  precondition(again.nanoseconds <= timeout.nanoseconds && copied(again) == again)
  return 0
}

private func copied(_ timeout: GRPCTimeout) -> GRPCTimeout {
  withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer in
    var writer = HeadWriter(buffer)
    writer.put(timeout)
    guard let copy = GRPCTimeout(UnsafeRawBufferPointer(rebasing: writer.written.dropFirst(14).dropLast(2))) else {
      preconditionFailure("what was written cannot be read")
    }
    return copy
  }
}
