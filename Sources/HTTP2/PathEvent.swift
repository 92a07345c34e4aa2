/// What the other side's bytes, or the end of what was sent, brought about on a connection of the data path.
public struct PathEvent: BitwiseCopyable, Sendable {
  /// The session's `tag`.
  public let tag: UInt64
  /// What the caller gave the stream as its own: zero until it did.
  public let user: UInt64
  /// The stream; 0 is the connection itself.
  public let stream: StreamID
  /// What happened.
  public let kind: Kind

  /// What may happen.
  public enum Kind: BitwiseCopyable, Sendable {
    /// To a server: a request began. To a client: its response did. With `endsStream` it has no body.
    case head(PathFieldRange, endsStream: Bool)
    /// A response before the final one (100 to 199).
    case informational(PathFieldRange)
    /// A piece of the body: where it lies in the bytes that were handed to `receive`. It is never empty, and each of its bytes
    /// is to be consumed once, also where the stream has gone since.
    case data(start: UInt32, count: UInt32)
    /// The body ended with these fields.
    case trailers(PathFieldRange)
    /// The body ended without trailers.
    case bodyEnded
    /// The stream has room for `send`: it was begun, or its windows opened after they had been too small. It may also come
    /// where nothing waits.
    case writable
    /// The other side broke a rule on this stream, which is being reset; `closed` follows when the reset was sent.
    case refused(PathRefusal)
    /// The stream is gone, and its number means nothing any more: the last event of each stream.
    case closed(ErrorCode, PathEnd)
    /// The other side takes no further requests; those above `lastStream` were not looked at, and are closed as not begun.
    case goAway(lastStream: StreamID, ErrorCode)
    /// The other side said how it wants to be spoken to. The first of them shows that it speaks HTTP/2 at all.
    case settings(PathSettings)
  }
}

/// How a stream came to its end.
public enum PathEnd: UInt8, BitwiseCopyable, Sendable {
  /// Both sides said all they had to say.
  case complete
  /// The other side reset it.
  case resetByPeer
  /// It was reset here: by the caller, or for what the other side did (then `refused` came before).
  case resetHere
  /// The server did not look at the request, or it was never sent: it may be sent again elsewhere (RFC 9113 section 8.7).
  case notBegun
}

/// What of the other side's settings matters to a proxy.
public struct PathSettings: BitwiseCopyable, Sendable, Hashable {
  /// How many streams it lets us have open at once.
  public let streams: UInt32
  /// Whether it takes CONNECT for other protocols (RFC 8441).
  public let takesExtendedConnect: Bool
}
