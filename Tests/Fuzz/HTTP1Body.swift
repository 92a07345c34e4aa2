import HTTP1

/// Any bytes as a chunked body: in two pieces, cut where the first two bytes say, it is read as at once; and a trailer
/// section that the decoder takes is one for the table too.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count > 2 else { return 0 }
  let bytes = Array(UnsafeBufferPointer(start: start + 2, count: count - 2))
  let cut = min(Int(start[0]) << 8 | Int(start[1]), bytes.count)
  let whole = Reading([bytes[...]])
  let parts = Reading([bytes[..<cut], bytes[cut...]])
  precondition(whole.end == parts.end)
  if case .malformed = whole.end {
    precondition(whole.data.starts(with: parts.data) || parts.data.starts(with: whole.data))
  } else {
    precondition(whole == parts)
  }
  if let trailers = whole.trailers {
    var table = FieldTable()
    precondition(trailers.withUnsafeBytes { table.parse(trailers: $0) })
  }
  return 0
}

/// What a decoder makes of pieces that come one after the other.
private struct Reading: Equatable {
  enum End: Equatable { case open, finished, malformed(BodyFault) }

  var data: [UInt8] = []
  var trailers: [UInt8]?
  var end = End.open
  var consumed = 0

  init(_ pieces: [ArraySlice<UInt8>]) {
    var decoder = BodyDecoder(RequestFraming.chunked)
    var rest: [UInt8] = []
    for piece in pieces where end == .open {
      rest += piece
      let used = rest.withUnsafeBytes { read($0, with: &decoder) }
      consumed += used
      rest.removeFirst(used)
    }
  }

  private mutating func read(_ bytes: UnsafeRawBufferPointer, with decoder: inout BodyDecoder) -> Int {
    var at = 0
    while true {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[at...])
      switch decoder.next(rest) {
      case .data(let offset, let count, let used):
        precondition(count > 0)  // else this could go on for ever
        data += rest[offset..<offset + count]
        at += used
      case .trailers(let offset, let count, let used):
        trailers = Array(rest[offset..<offset + count])
        at += used
      case .needsMore(let used): return at + used
      case .finished(let used):
        end = .finished
        return at + used
      case .malformed(let fault):
        end = .malformed(fault)
        return at
      }
    }
  }
}
