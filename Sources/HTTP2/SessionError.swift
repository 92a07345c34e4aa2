/// What a session refuses, or fails of.
public enum SessionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No memory is left.
  case outOfMemory
  /// The other side sent more frames that do nothing than `SessionLimits` allows, or more than can be answered.
  case flooded
  /// The other side broke the protocol; the text is nghttp2's name for how, never the other side's own words.
  case protocolViolation(String)
  /// So many requests are open that another would be above `SessionLimits.streams`.
  case tooManyStreams
  /// The session is ending, or no stream number is left: a new connection is needed.
  case noMoreRequests
  /// The stream is closed, or its sending side was ended before.
  case notOpen(StreamID)
  /// So many bytes wait to be sent on the stream that more would be above `SessionLimits.pendingBytes`.
  case pendingFull(StreamID)
  /// nghttp2 refused a call; this is its reason.
  case refused(String)

  /// One sentence without its full stop.
  public var description: String {
    switch self {
    case .outOfMemory: "no memory is left for the HTTP/2 connection"
    case .flooded: "the other side floods the HTTP/2 connection with frames that do nothing"
    case .protocolViolation(let reason): "the other side breaks the HTTP/2 protocol: \(reason); does it speak HTTP/2?"
    case .tooManyStreams: "too many requests are open on this connection; wait for one to end"
    case .noMoreRequests: "the connection takes no further requests; open another"
    case .notOpen(let stream): "stream \(stream) is not open for sending"
    case .pendingFull(let stream): "the other side does not read: too much waits to be sent on stream \(stream)"
    case .refused(let reason): "nghttp2 refused: \(reason)"
    }
  }
}
