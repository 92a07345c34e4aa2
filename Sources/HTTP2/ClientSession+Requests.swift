internal import CNghttp2

extension ClientSession {
  /// Begins a request with these fields, pseudo-fields first (RFC 9113 section 8.3.1). Without `endsStream` its body is
  /// what `send` adds.
  public mutating func request(_ fields: HeaderFields, endsStream: Bool) throws(SessionError) -> StreamID {
    guard state.streams.count < state.limits.streams else { throw .tooManyStreams }
    guard wantsInput, nghttp2_session_check_request_allowed(session) != 0 else { throw .noMoreRequests }
    let number = fields.withBytes { memory in
      // Unsafe: nghttp2 copies names and values within this call. It takes pointers to bytes it could change, and does not.
      let start = UnsafeMutablePointer(mutating: memory.baseAddress)
      var list: [nghttp2_nv] = []
      list.reserveCapacity(fields.count)
      fields.forEachRange { name, value in
        list.append(
          nghttp2_nv(
            name: start?.advanced(by: name.lowerBound),
            value: start?.advanced(by: value.lowerBound),
            namelen: name.count,
            valuelen: value.count,
            flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue)
          )
        )
      }
      guard !endsStream else { return nghttp2_submit_request(session, nil, list, list.count, nil, nil) }
      var provider = nghttp2_data_provider(source: nghttp2_data_source(), read_callback: readPending)
      return nghttp2_submit_request(session, nil, list, list.count, &provider, nil)
    }
    guard number > 0 else {
      switch number {
      case NGHTTP2_ERR_NOMEM.rawValue: throw .outOfMemory
      case NGHTTP2_ERR_STREAM_ID_NOT_AVAILABLE.rawValue: throw .noMoreRequests
      default: throw .refused(nghttpText(number))
      }
    }
    state.streams[number] = StreamRecord(isFinished: endsStream)
    return StreamID(number)
  }

  /// Adds bytes to a request's body, all or none. Too many that the other side has not read are refused, but never when
  /// none wait.
  public mutating func send(
    _ bytes: UnsafeRawBufferPointer,
    on stream: StreamID,
    endsStream: Bool = false
  ) throws(SessionError) {
    guard state.streams[stream.number]?.isFinished == false else { throw .notOpen(stream) }
    let waiting = pendingBytes(on: stream)
    // An end without bytes needs no room.
    guard waiting == 0 || bytes.isEmpty || waiting + bytes.count <= state.limits.pendingBytes else {
      throw .pendingFull(stream)
    }
    let mustTell = state.streams[stream.number]?.add(bytes, isLast: endsStream) ?? false
    guard mustTell else { return }
    let status = nghttp2_session_resume_data(session, stream.number)
    guard status == 0 else { throw .refused(nghttpText(status)) }
  }

  /// Bytes that wait on the stream for the other side to read.
  public func pendingBytes(on stream: StreamID) -> Int { state.streams[stream.number]?.pending.count ?? 0 }

  /// Ends the stream at once, in both directions; its events end with `.streamClosed`. One that is closed stays so.
  public mutating func reset(_ stream: StreamID, _ code: ErrorCode) {
    guard state.streams[stream.number] != nil else { return }
    state.streams[stream.number]?.phase = .over
    state.streams[stream.number]?.pending = ByteQueue()
    state.streams[stream.number]?.fields = HeaderFields()
    state.streams[stream.number]?.isFinished = true
    nghttp2_submit_rst_stream(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream.number, code.rawValue)
  }

  /// Says goodbye: what is open is given up.
  public mutating func terminate(_ code: ErrorCode = .noError) {
    nghttp2_session_terminate_session(session, code.rawValue)
  }
}

/// nghttp2 asks for the next bytes of a request's body.
///
/// Unsafe: `buffer` is nghttp2's, has room for `size` bytes, and is written within this call.
private let readPending: nghttp2_data_source_read_callback = { _, stream, buffer, size, flags, _, context in
  // The context is that of every callback; see SessionCallbacks.swift.
  guard let context, let buffer, let flags else { return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) }
  let state = Unmanaged<SessionState>.fromOpaque(context).takeUnretainedValue()
  guard state.streams[stream] != nil else { return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue) }
  return state.read(stream, UnsafeMutableRawBufferPointer(start: buffer, count: size), &flags.pointee)
}
