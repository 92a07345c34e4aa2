internal import CNghttp2

extension PathSession {
  /// Begins a request with these fields, pseudo-fields first (RFC 9113 section 8.3.1; for CONNECT section 8.5, for other
  /// protocols RFC 8441). Its events carry `user`. Without `endsStream` its body is what `send` adds; where the other side has
  /// as many streams open as it allows, the request waits, and `.writable` says when it went.
  public mutating func submitRequest(
    _ fields: PathFieldList,
    user: UInt64 = 0,
    endsStream: Bool,
    _ scratch: PathScratch
  ) throws(PathRefusal) -> StreamID {
    guard canRequest else { throw .noMoreRequests }
    guard openStreams < state.pointee.limits.streams else { throw .tooManyStreams }
    let list = try prepare(fields, scratch)
    // Unsafe: no object, but the caller's 64 bits in the place of a pointer that nghttp2 never follows.
    let user = UnsafeMutableRawPointer(bitPattern: UInt(user))
    var provider = Self.provider
    let number =
      endsStream
      ? nghttp2_submit_request(session, nil, list.baseAddress, list.count, nil, user)
      : nghttp2_submit_request(session, nil, list.baseAddress, list.count, &provider, user)
    guard number > 0 else {
      throw number == NGHTTP2_ERR_STREAM_ID_NOT_AVAILABLE.rawValue ? .noMoreRequests : .outOfMemory
    }
    state.pointee.openStreams += 1
    state.pointee.informational.earn(state.pointee.limits.informationalResponses)
    return StreamID(number)
  }

  /// Whether the connection takes another request: false after a goodbye of either side, or when no stream number is left.
  public var canRequest: Bool {
    !isFailed && state.pointee.refusal == .none && nghttp2_session_check_request_allowed(session) != 0
  }

  /// Begins the response to a stream's request. Without `endsStream` its body is what `send` adds.
  public mutating func submitResponse(
    _ fields: PathFieldList,
    on stream: StreamID,
    endsStream: Bool,
    _ scratch: PathScratch
  ) throws(PathRefusal) {
    let list = try prepare(fields, on: stream, scratch)
    var provider = Self.provider
    let status =
      endsStream
      ? nghttp2_submit_response(session, stream.number, list.baseAddress, list.count, nil)
      : nghttp2_submit_response(session, stream.number, list.baseAddress, list.count, &provider)
    guard status == 0 else { throw .outOfMemory }
  }

  /// Says something before the response (100 to 199 but 101, RFC 9113 section 8.6).
  public mutating func submitInformational(
    _ fields: PathFieldList,
    on stream: StreamID,
    _ scratch: PathScratch
  ) throws(PathRefusal) {
    let list = try prepare(fields, on: stream, scratch)
    let none = UInt8(NGHTTP2_FLAG_NONE.rawValue)
    let status = nghttp2_submit_headers(session, none, stream.number, nil, list.baseAddress, list.count, nil)
    guard status >= 0 else { throw .outOfMemory }
  }

  /// Ends the sending side with these fields, once `send` has taken the whole body, and for a request once it went out. They
  /// need no window.
  public mutating func submitTrailers(
    _ fields: PathFieldList,
    on stream: StreamID,
    _ scratch: PathScratch
  ) throws(PathRefusal) {
    let list = try prepare(fields, on: stream, scratch)
    guard nghttp2_submit_trailer(session, stream.number, list.baseAddress, list.count) == 0 else { throw .outOfMemory }
  }

  /// Whether the stream is there: a request that is to go out, or waits for another one to end, is none yet.
  public func isBegun(_ stream: StreamID) -> Bool { nghttp2_session_find_stream(session, stream.number) != nil }

  /// Gives the stream 64 bits of the caller's, which its further events carry.
  public mutating func setUser(_ user: UInt64, of stream: StreamID) {
    // Unsafe: as in `submitRequest`.
    let user = UnsafeMutableRawPointer(bitPattern: UInt(user))
    nghttp2_session_set_stream_user_data(session, stream.number, user)
  }

  private static var provider: nghttp2_data_provider {
    nghttp2_data_provider(source: nghttp2_data_source(), read_callback: PathCallbacks.body)
  }

  /// The same for a stream that must be open for sending.
  private func prepare(
    _ fields: PathFieldList,
    on stream: StreamID,
    _ scratch: PathScratch
  ) throws(PathRefusal) -> UnsafeMutableBufferPointer<nghttp2_nv> {
    guard !isFailed, nghttp2_session_get_stream_local_close(session, stream.number) == 0 else { throw .notOpen }
    return try prepare(fields, scratch)
  }

  /// The fields as nghttp2 takes them, in the scratch's memory.
  private func prepare(
    _ fields: PathFieldList,
    _ scratch: PathScratch
  ) throws(PathRefusal) -> UnsafeMutableBufferPointer<nghttp2_nv> {
    let outgoing = scratch.store.pointee.outgoing
    guard fields.count <= outgoing.count else { throw .outgoingListTooLarge }
    var listBytes = 0
    for index in 0..<fields.count {
      let field = fields.fields[index]
      listBytes += field.listBytes
      let name = fields.memory + Int(field.nameStart)
      let isUnindexed =
        field.isSensitive || UnindexedFields.contain(UnsafeBufferPointer(start: name, count: Int(field.nameCount)))
      // Unsafe: nghttp2 takes pointers to bytes that it could change, copies them within its call, and does not.
      outgoing[index] = nghttp2_nv(
        name: UnsafeMutablePointer(mutating: name),
        value: UnsafeMutablePointer(mutating: fields.memory + Int(field.valueStart)),
        namelen: Int(field.nameCount),
        valuelen: Int(field.valueCount),
        flags: UInt8(isUnindexed ? NGHTTP2_NV_FLAG_NO_INDEX.rawValue : NGHTTP2_NV_FLAG_NONE.rawValue)
      )
    }
    guard listBytes <= Self.outgoingListBytes(state.pointee.limits) else { throw .outgoingListTooLarge }
    return UnsafeMutableBufferPointer(rebasing: outgoing[..<fields.count])
  }
}
