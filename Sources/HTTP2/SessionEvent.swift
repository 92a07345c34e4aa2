/// What the other side's bytes, or the end of what was sent, brought about.
public enum SessionEvent: Sendable, Equatable {
  /// The response to a request began. With `endsStream` it is also over: there will be no data.
  case headers(StreamID, HeaderFields, endsStream: Bool)
  /// A piece of the body: where it lies in the bytes that were received last. It is never empty.
  case data(StreamID, Range<Int>)
  /// The body ended without trailers.
  case bodyEnded(StreamID)
  /// The body ended with these fields.
  case trailers(StreamID, HeaderFields)
  /// The stream is gone, and its number means nothing any more. It comes last, and once for each request.
  case streamClosed(StreamID, ErrorCode)
  /// The other side takes no further requests. Those after `lastStream` were not looked at and are closed as refused.
  case goAway(lastStream: StreamID, ErrorCode)
  /// The other side said how it wants to be spoken to. The first of them shows that it speaks HTTP/2 at all.
  case settings
}
