import MeshModel

/// Any text as each of the small things that are written as text: refused, or equal to what its own text says.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  if let address = IPAddress(text) { precondition(IPAddress(address.description) == address) }
  if let prefix = IPPrefix(text) { precondition(IPPrefix(prefix.description) == prefix) }
  if let address = SocketAddress(text) { precondition(SocketAddress(address.description) == address) }
  if let request = try? AdminRequest(target: text) {
    let again = try? AdminRequest(target: request.target)
    precondition(again == request)
  }
  _ = try? Workload(labelText: text)
  return 0
}
