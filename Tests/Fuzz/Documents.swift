import MeshDocuments
import MeshModel

/// Any bytes as a policy document: read or refused, never a crash, and never a snapshot beside an error.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  let reading = PolicyDocuments.read([DocumentSource(name: "f", bytes: bytes)])
  precondition((reading.snapshot == nil) == !reading.errors.isEmpty)
  return 0
}
