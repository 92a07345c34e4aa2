import HTTP1
import WeftTestKit

/// A body as a decoder sees it when bytes come in pieces: what is data, what is trailers, where it ends and how.
struct BodyReader: Equatable {
  enum End: Equatable { case open, finished, malformed(BodyFault) }

  private(set) var data: [UInt8] = []
  private(set) var trailers: [UInt8]?
  private(set) var end = End.open
  /// Bytes consumed, counted from the first piece on.
  private(set) var consumed = 0
  /// The most bytes that had to be presented again.
  private(set) var mostHeld = 0

  /// Reads `pieces` one after the other; each is lent with what was left of those before it.
  init(_ decoder: BodyDecoder, _ pieces: [ArraySlice<UInt8>], in memory: GuardedBytes) {
    var decoder = decoder
    var rest: [UInt8] = []
    for piece in pieces where end == .open {
      rest += piece
      let used = memory.lend(rest) { read($0, with: &decoder) }
      consumed += used
      rest.removeFirst(used)
      if end == .open { mostHeld = max(mostHeld, rest.count) }
    }
  }

  private mutating func read(_ bytes: UnsafeRawBufferPointer, with decoder: inout BodyDecoder) -> Int {
    var at = 0
    // Every step but the last moves on or ends, so this many are enough; one more is a decoder that does not.
    for _ in 0...2 * bytes.count + 2 {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[at...])
      switch decoder.next(rest) {
      case .data(let offset, let count, let used):
        precondition(count > 0 && offset >= 0 && offset + count <= used && used <= rest.count)
        data += rest[offset..<offset + count]
        at += used
      case .trailers(let offset, let count, let used):
        precondition(count > 1 && offset + count == used && used <= rest.count)
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
    preconditionFailure("the decoder goes round in circles")
  }

  /// Whether two readings of the same bytes in different pieces came to the same.
  func agrees(with other: BodyReader) -> Bool {
    guard end == other.end, trailers == other.trailers else { return false }
    if case .malformed = end {
      // How much of a body was seen before its fault depends on the pieces; what was seen does not.
      return data.starts(with: other.data) || other.data.starts(with: data)
    }
    return data == other.data && consumed == other.consumed
  }
}
