extension BodyDecoder {
  /// The chunked coding (RFC 9112 section 7.1): lines and ends are passed over up to the next data.
  mutating func nextOfChunks(_ base: UnsafeRawPointer, _ end: Int) -> BodyStep {
    var at = 0
    while at < end {
      switch place {
      case .chunkLine:
        var line = ChunkLine(base: base, end: end, at: at, extensionBudget: extensionBudget)
        do throws(ChunkStop) {
          remaining = try line.read()
        } catch {
          switch error {
          case .partial: return .needsMore(consumed: at)
          case .malformed(let fault): return .malformed(fault)
          }
        }
        at = line.at
        extensionBudget = line.extensionBudget
        place = remaining > 0 ? .chunkData : .trailers
      case .chunkData:
        let count = takeData(end &- at)
        if remaining == 0 { place = .chunkEnd }
        return .data(offset: at, count: count, consumed: at &+ count)
      case .chunkEnd:
        guard ByteScan.byte(base, at) == 0x0d else { return .malformed(.malformedChunkEnd) }
        guard at &+ 1 < end else { return .needsMore(consumed: at) }
        guard ByteScan.byte(base, at &+ 1) == 0x0a else { return .malformed(.malformedChunkEnd) }
        at &+= 2
        place = .chunkLine
      case .trailers: return readTrailers(base, from: at, to: end)
      case .counted, .unbounded, .over: return .finished(consumed: at)
      }
    }
    return .needsMore(consumed: at)
  }

  private mutating func readTrailers(_ base: UnsafeRawPointer, from start: Int, to end: Int) -> BodyStep {
    var cursor = HeadCursor(base + start, count: end &- start, limit: BodyLimit.trailerBytes)
    do throws(HeadStop) {
      var count = 0
      while try cursor.takeField(isFirst: count == 0) != nil {
        count += 1
        guard count <= BodyLimit.trailerFields else { return .malformed(.trailersTooLarge) }
      }
    } catch {
      switch error {
      case .partial: return .needsMore(consumed: start)
      case .refused(let fault): return .malformed(fault == .headTooLarge ? .trailersTooLarge : .malformedTrailers)
      }
    }
    place = .over
    return .trailers(offset: start, count: cursor.at, consumed: start &+ cursor.at)
  }
}
