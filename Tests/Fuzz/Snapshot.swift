import MeshModel

/// Any bytes as a snapshot: refused, or equal to itself once written and read again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  if let snapshot = try? Snapshot.decode(bytes) {
    let again = try? Snapshot.decode(snapshot.encode())
    precondition(again == snapshot)
  }
  return 0
}
