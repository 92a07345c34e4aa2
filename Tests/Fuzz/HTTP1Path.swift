import HTTP1

/// Any bytes as a path: its normal form is no longer, is its own, and has no dot segment or double slash in it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let path = Array(UnsafeBufferPointer(start: start, count: count))
  let (once, first) = normalized(path)
  let (again, second) = normalized(once)
  precondition(again == once && !second.isChanged && second.hazards.isSubset(of: first.hazards))
  precondition(first.isChanged == (once != path) && once.count <= max(1, path.count))
  if once.first == UInt8(ascii: "/") {
    let segments = once.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    precondition(!segments.dropFirst().dropLast().contains([]))
    precondition(!segments.contains([UInt8(ascii: ".")]) && !segments.contains(Array("..".utf8)[...]))
  }
  return 0
}

private func normalized(_ path: [UInt8]) -> ([UInt8], NormalizedPath) {
  path.withUnsafeBytes { bytes in
    withUnsafeTemporaryAllocation(byteCount: max(1, path.count), alignment: 1) { buffer in
      let normalized = PathNormalization.normalize(bytes, into: buffer)
      return (Array(buffer[..<normalized.count]), normalized)
    }
  }
}
