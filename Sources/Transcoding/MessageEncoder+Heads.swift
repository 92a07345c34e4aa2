internal import HTTP1
internal import HTTP2

extension MessageEncoder {
  /// RFC 9113 section 8.3.1; for another protocol RFC 8441 section 4.
  mutating func request(_ bytes: UnsafeRawBufferPointer, _ room: EncodeRoom) -> EncodeStep {
    guard case .whole(let length) = room.request.parse(bytes) else { return .malformed }
    method = room.request.method
    room.begin()
    var fits: Bool
    if room.request.wantsUpgrade {
      guard let name = ProtocolName(room.request[room.request.upgradeRange]) else { return .malformed }
      upgrade = name
      fits = room.append(":method", "CONNECT")
      fits = fits && name.withBytes { room.append(":protocol", $0) }
    } else {
      fits = room.append(":method", room.request[room.request.methodRange])
    }
    if method != .connect {
      fits = fits && room.append(":scheme", isOverTLS ? "https" : "http")
      fits = fits && room.append(":path", room.request[room.request.targetRange])
    }
    fits = fits && room.append(":authority", authority(room.request))
    room.request.fields.drop(.host)
    fits = fits && room.append(fields: room.request.fields)
    let framing = room.request.framing
    if case .length(let count) = framing { fits = fits && room.append("content-length", decimal: count) }
    if room.request.acceptsTrailers { fits = fits && room.append("te", "trailers") }
    guard fits else { return .malformed }
    body = BodyDecoder(framing)
    place = !upgrade.isEmpty || method == .connect ? .tunnel : body.isFinished ? .over : .body
    return .head(consumed: length, endsStream: place == .over)
  }

  private func authority(_ head: borrowing RequestHead) -> UnsafeRawBufferPointer {
    guard let index = head.fields.first(.host) else { return head[head.authority] }
    return head.fields.value(at: index)
  }

  /// RFC 9113 section 8.3.2. A switch of protocols is a success there (RFC 8441 section 5).
  mutating func response(_ bytes: UnsafeRawBufferPointer, _ room: EncodeRoom) -> EncodeStep {
    guard case .whole(let length) = room.response.parse(bytes) else { return .malformed }
    let status = room.response.status
    let isSwitch = status == 101
    guard !isSwitch || !upgrade.isEmpty else { return .malformed }
    room.begin()
    var fits = room.append(":status", decimal: UInt64(isSwitch ? 200 : status))
    fits = fits && room.append(fields: room.response.fields)
    if room.response.isInterim { return fits ? .informational(consumed: length) : .malformed }
    let framing = room.response.framing(answering: method)
    switch announced {
    case .asWritten:
      if !isSwitch, status != 204, let count = room.response.contentLength {
        fits = fits && room.append("content-length", decimal: count)
      }
    case .unsaid: break
    case .bytes(let count): fits = fits && room.append("content-length", decimal: count)
    }
    guard fits else { return .malformed }
    body = BodyDecoder(framing)
    switch framing {
    case .tunnel: place = .tunnel
    // Its end is that of the connection, which the caller tells.
    case .untilClose: place = .body
    default: place = body.isFinished ? .over : .body
    }
    return .head(consumed: length, endsStream: place == .over)
  }
}
