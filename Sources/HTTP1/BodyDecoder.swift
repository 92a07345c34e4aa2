/// What the next of a body's bytes are. Offsets are into the bytes given, and so is `consumed`: what lies before it is
/// done with, the rest is presented again, with more behind it where the step asks for more.
public enum BodyStep: Equatable, Sendable {
  /// A run of the body itself.
  case data(offset: Int, count: Int, consumed: Int)
  /// No more can be told. The rest, part of a chunk's line or of the trailer section, is bounded by `BodyLimit`.
  case needsMore(consumed: Int)
  /// The trailer section, valid, with the empty line that ends it; often nothing else. The body is over behind it.
  case trailers(offset: Int, count: Int, consumed: Int)
  /// The body is over; what follows belongs to the next message.
  case finished(consumed: Int)
  /// The body is not what its framing promised.
  case malformed(BodyFault)
}

/// Finds a body's bytes and its end in what is read from a connection. It holds no bytes itself.
///
/// A connection that ends before `isFinished` has cut the body short, but where `endsWithConnection`.
public struct BodyDecoder: BitwiseCopyable, Sendable {
  enum Place: UInt8 { case counted, unbounded, chunkLine, chunkData, chunkEnd, trailers, over }

  var place: Place
  /// Bytes left of the body or of the chunk.
  var remaining: UInt64 = 0
  /// What this message may still send of chunk extensions.
  var extensionBudget = BodyLimit.extensionBytes

  /// A decoder for a request's body.
  public init(_ framing: RequestFraming) {
    switch framing {
    case .none: place = .over
    case .length(let length):
      remaining = length
      place = length > 0 ? .counted : .over
    case .chunked: place = .chunkLine
    }
  }

  /// A decoder for a response's body; that of a tunnel has no end.
  public init(_ framing: ResponseFraming) {
    switch framing {
    case .none: self.init(RequestFraming.none)
    case .length(let length): self.init(RequestFraming.length(length))
    case .chunked: self.init(RequestFraming.chunked)
    case .untilClose, .tunnel:
      self.init(RequestFraming.none)
      place = .unbounded
    }
  }

  /// Whether the whole body has been seen.
  public var isFinished: Bool { place == .over }

  /// Whether the body ends where the connection does.
  public var endsWithConnection: Bool { place == .unbounded }

  /// Says what `bytes` begin with. Call again with the rest, from `consumed` on, until more is needed or all is over.
  public mutating func next(_ bytes: UnsafeRawBufferPointer) -> BodyStep {
    switch place {
    case .counted:
      guard !bytes.isEmpty else { return .needsMore(consumed: 0) }
      let count = takeData(bytes.count)
      if remaining == 0 { place = .over }
      return .data(offset: 0, count: count, consumed: count)
    case .unbounded:
      guard !bytes.isEmpty else { return .needsMore(consumed: 0) }
      return .data(offset: 0, count: bytes.count, consumed: bytes.count)
    case .over: return .finished(consumed: 0)
    case .chunkLine, .chunkData, .chunkEnd, .trailers:
      guard let base = bytes.baseAddress else { return .needsMore(consumed: 0) }
      return nextOfChunks(base, bytes.count)
    }
  }

  /// How many of `available` bytes are body or chunk; they are counted off.
  @inline(__always)
  mutating func takeData(_ available: Int) -> Int {
    let count = remaining < UInt64(available) ? Int(remaining) : available
    remaining &-= UInt64(count)
    return count
  }
}
