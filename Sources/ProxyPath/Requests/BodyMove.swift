internal import HTTP1

/// What became of bytes that were taken for a body's.
enum BodyMove {
  /// So many are done with; the rest is presented again, with more behind it, unless the body is over.
  case moved(consumed: Int, isOver: Bool)
  case malformed(BodyFault)
}

extension BodyDecoder {
  /// Takes what `window` has of the body and writes it as it is to travel on: with `chunked`, each run as a chunk of
  /// its own, for chunk lines are framing, and framing is never forwarded but made anew.
  @inline(__always)
  mutating func move(
    _ window: UnsafeRawBufferPointer,
    chunked: Bool,
    trailers: inout FieldTable,
    bytes: inout UInt64,
    into writer: inout HeadWriter
  ) -> BodyMove {
    guard !isFinished else { return .moved(consumed: 0, isOver: true) }
    return moveSome(window, chunked: chunked, trailers: &trailers, bytes: &bytes, into: &writer)
  }

  private mutating func moveSome(
    _ window: UnsafeRawBufferPointer,
    chunked: Bool,
    trailers: inout FieldTable,
    bytes: inout UInt64,
    into writer: inout HeadWriter
  ) -> BodyMove {
    var at = 0
    while true {
      let rest = UnsafeRawBufferPointer(rebasing: window[at...])
      switch next(rest) {
      case .data(let offset, let count, let consumed):
        let run = UnsafeRawBufferPointer(rebasing: rest[offset..<offset + count])
        if chunked { writer.putChunkHead(size: count) }
        writer.put(run)
        if chunked { writer.putChunkTail() }
        bytes &+= UInt64(count)
        at += consumed
        if isFinished, !chunked { return .moved(consumed: at, isOver: true) }
      case .needsMore(let consumed): return .moved(consumed: at + consumed, isOver: false)
      case .trailers(let offset, let count, let consumed):
        if chunked {
          writer.putLastChunk()
          let section = UnsafeRawBufferPointer(rebasing: rest[offset..<offset + count])
          if count > 2, trailers.parse(trailers: section) { trailers.write(into: &writer) }
          writer.putEnd()
        }
        return .moved(consumed: at + consumed, isOver: true)
      case .finished(let consumed):
        if chunked { writer.putBodyEnd() }
        return .moved(consumed: at + consumed, isOver: true)
      case .malformed(let fault): return .malformed(fault)
      }
    }
  }
}
