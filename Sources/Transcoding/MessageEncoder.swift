public import HTTP1
internal import HTTP2

/// What the next bytes of a message are to HTTP/2. What lies before `consumed` is done with.
public enum EncodeStep: Equatable, Sendable {
  /// A head; its fields are in the room's list. With `endsStream` there is no body.
  case head(consumed: Int, endsStream: Bool)
  /// A response before the final one (100 to 199); its fields are in the room's list.
  case informational(consumed: Int)
  /// A run of the body.
  case data(offset: Int, count: Int, consumed: Int, isLast: Bool)
  /// The trailer section, which ends the body; its fields are in the room's list.
  case trailers(consumed: Int)
  /// The body is over, without trailers.
  case end(consumed: Int)
  /// There is no more to say of these bytes: all of them are used up.
  case nothing
  /// Not a message as this proxy composes them: a mistake of its own.
  case malformed
}

/// Reads a message in the form in which this proxy writes HTTP/1.1, and says it in that of HTTP/2 (RFC 9113 section 8): one
/// for each stream. What it reads was composed here, so a head, a chunk's line or a trailer section never comes in pieces.
public struct MessageEncoder: BitwiseCopyable, Sendable {
  enum Place: UInt8 { case request, response, body, tunnel, over }

  var place: Place
  var body = BodyDecoder(RequestFraming.none)
  /// The method of the request that a response answers; of a request, its own once the head was read.
  public internal(set) var method: Method
  /// What a request wants to go on in, which HTTP/2 says by CONNECT (RFC 8441).
  public internal(set) var upgrade = ProtocolName()

  /// Whether a request travels to its server in TLS, which its scheme says.
  public var isOverTLS = false

  /// What a response says of its length in advance.
  public var announced = AnnouncedLength.asWritten

  /// For a request.
  public static var request: MessageEncoder { MessageEncoder(place: .request, method: .get) }

  /// For what answers a request, which may have asked for another protocol.
  public static func response(to method: Method, upgrade: ProtocolName) -> MessageEncoder {
    var encoder = MessageEncoder(place: .response, method: method)
    encoder.upgrade = upgrade
    return encoder
  }

  /// For a connection whose bytes are nobody's message.
  public static var opaque: MessageEncoder { MessageEncoder(place: .tunnel, method: .connect) }

  private init(place: Place, method: Method) {
    self.place = place
    self.method = method
  }

  /// Whether all of the message was read.
  public var isOver: Bool { place == .over }

  /// Says what `bytes` begin with.
  public mutating func next(_ bytes: UnsafeRawBufferPointer, in room: EncodeRoom) -> EncodeStep {
    guard !bytes.isEmpty else { return .nothing }
    switch place {
    case .request: return request(bytes, room)
    case .response: return response(bytes, room)
    case .tunnel: return .data(offset: 0, count: bytes.count, consumed: bytes.count, isLast: false)
    case .body: return nextOfBody(bytes, room)
    case .over: return .malformed
    }
  }

  private mutating func nextOfBody(_ bytes: UnsafeRawBufferPointer, _ room: EncodeRoom) -> EncodeStep {
    switch body.next(bytes) {
    case .data(let offset, let count, let consumed):
      if body.isFinished { place = .over }
      return .data(offset: offset, count: count, consumed: consumed, isLast: body.isFinished)
    case .trailers(let offset, let count, let consumed):
      place = .over
      let section = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
      guard count > 2 else { return .end(consumed: consumed) }
      return room.readTrailers(section) ? .trailers(consumed: consumed) : .malformed
    case .finished(let consumed):
      place = .over
      return .end(consumed: consumed)
    case .needsMore(let consumed): return consumed == bytes.count ? .nothing : .malformed
    case .malformed: return .malformed
    }
  }

  /// The last `count` bytes of the run that was told last could not be sent: they come again.
  public mutating func giveBack(_ count: Int) {
    guard count > 0, place != .tunnel else { return }
    body.giveBack(count)
    place = .body
  }
}
