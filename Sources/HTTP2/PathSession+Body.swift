internal import CNghttp2

extension PathSession {
  /// What became of a piece of a body.
  public struct Sent: BitwiseCopyable, Sendable {
    /// How many bytes are in the output now. The caller keeps the others.
    public let taken: Int
    /// What to wait for before more is sent.
    public let next: Next

    /// What to wait for.
    public enum Next: BitwiseCopyable, Sendable {
      /// Nothing: all of it is in the output, the end of the stream as well if it was the last.
      case done
      /// Room: send `output`, then call again.
      case output
      /// The other side: `.writable` says when to call again.
      case window
      /// Nothing ever: the stream is gone, or its sending side was ended.
      case gone
      /// The events that wait in the scratch: take them, then call again.
      case events
    }
  }

  /// Adds a piece of the stream's body to `output`, behind all that waited to be sent, as far as the windows and the room let
  /// it. With `isLast` the sending side ends behind it; an end alone has no bytes. Nothing of it is kept here.
  public mutating func send(
    _ bytes: UnsafeRawBufferPointer,
    on stream: StreamID,
    isLast: Bool = false,
    into output: inout PathOutput,
    _ scratch: PathScratch
  ) -> Sent {
    guard !isFailed, nghttp2_session_get_stream_local_close(session, stream.number) != 1 else {
      return Sent(taken: 0, next: .gone)
    }
    guard scratch.store.pointee.makeRoom() else { return Sent(taken: 0, next: .events) }
    let isBegun = nghttp2_session_find_stream(session, stream.number) != nil
    // A request that has no stream yet waits for one to end; what a server does not know is over.
    guard isBegun || !state.pointee.isServer else { return Sent(taken: 0, next: .gone) }
    state.pointee.lent = LentBody(
      stream: stream.number,
      next: bytes.baseAddress,
      left: bytes.count,
      isLast: isLast
    )
    // It fails where the stream waits for nothing, and then its turn comes by itself.
    _ = nghttp2_session_resume_data(session, stream.number)
    takeOutput(into: &output, scratch)
    let lent = state.pointee.lent
    state.pointee.lent = LentBody()
    let isDone = lent.left == 0 && (!isLast || lent.hasEnded)
    if isDone { return Sent(taken: bytes.count, next: .done) }
    let taken = bytes.count - lent.left
    if isFailed || isBegun && lent.stream == 0 { return Sent(taken: taken, next: .gone) }
    let mostRoom = OutputRoom(next: nil, left: output.memory.count - output.count)
    return Sent(taken: taken, next: mostRoom.piece(of: lent.left) == nil ? .output : .window)
  }

  /// So many bytes of `.data` events of the stream were passed on: the other side may send as many more. Each byte is to be
  /// consumed once, also where the stream is gone, for the windows of the connection are open to all its streams together.
  public mutating func consume(_ count: Int, of stream: StreamID) {
    guard count > 0, !isFailed else { return }
    let status = nghttp2_session_consume(session, stream.number, count)
    if nghttp2_is_fatal(status) != 0 { fail(status) }
  }

  /// How many bytes of the stream's body the other side takes now; 0 where its window or the connection's is exhausted. What a
  /// worker's timer for stalled streams asks.
  public func sendWindow(of stream: StreamID) -> Int {
    let ofStream = nghttp2_session_get_stream_remote_window_size(session, stream.number)
    return max(0, min(Int(ofStream), connectionSendWindow))
  }

  /// How many bytes of bodies the other side takes now for all streams together.
  public var connectionSendWindow: Int { Int(nghttp2_session_get_remote_window_size(session)) }

  /// Bytes of the stream's body that came and were not consumed, as far as they are held against its window.
  public func unconsumedBytes(of stream: StreamID) -> Int {
    max(0, Int(nghttp2_session_get_stream_effective_recv_data_length(session, stream.number)))
  }
}
