/// Where among its frames the other side is: what it has begun to say and not ended.
///
/// nghttp2 does not tell. It has no word for a head of nine bytes that is half here, and calls nobody back at the end of what it
/// skips; so the lengths are added up beside it, some nanoseconds for a frame.
struct FramePosition: BitwiseCopyable {
  /// Bytes of a client's preface before its first frame (RFC 9113 section 3.4).
  static let prefaceBytes: UInt8 = 24

  private var prefaceLeft: UInt8
  /// Bytes of a frame's head that are here, of nine.
  private var headCount: UInt8 = 0
  private var type: UInt8 = 0
  private var flags: UInt8 = 0
  /// Of its payload, once the head is whole.
  private var payloadLeft: UInt32 = 0
  /// A header list goes on in the frame after this one.
  private var isListOpen = false
  /// A frame was whole, behind the preface where there is one.
  private(set) var hasFrame = false
  /// Header lists that were whole.
  private(set) var lists: UInt32 = 0

  /// At the beginning of a connection: `isServer` is who reads.
  init(isServer: Bool) { prefaceLeft = isServer ? Self.prefaceBytes : 0 }

  /// Something has begun and is not whole: a preface, a frame, or a header list that others are to continue.
  var isAmidst: Bool { headCount > 0 || isListOpen || prefaceLeft > 0 && prefaceLeft < Self.prefaceBytes }

  /// That is a header list, or the beginning of one.
  var isInList: Bool { isListOpen || headCount == UInt8(OutputRoom.frameHeadBytes) && isOfList }

  private var isOfList: Bool { type == FrameType.headers || type == FrameType.continuation }

  /// Goes on over `bytes`.
  mutating func advance(over bytes: UnsafeRawBufferPointer) {
    var at = min(Int(prefaceLeft), bytes.count)
    prefaceLeft -= UInt8(at)
    while at < bytes.count {
      if headCount == UInt8(OutputRoom.frameHeadBytes) {
        let taken = min(Int(payloadLeft), bytes.count - at)
        payloadLeft -= UInt32(taken)
        at += taken
        if payloadLeft == 0 { endFrame() }
      } else {
        takeHead(bytes[at])
        at += 1
      }
    }
  }

  /// One byte of a head (RFC 9113 section 4.1): three of the length, the type, the flags, four of the stream.
  private mutating func takeHead(_ byte: UInt8) {
    switch headCount {
    case 0..<3: payloadLeft = payloadLeft << 8 | UInt32(byte)
    case 3: type = byte
    case 4: flags = byte
    default: break
    }
    headCount += 1
    if headCount == UInt8(OutputRoom.frameHeadBytes), payloadLeft == 0 { endFrame() }
  }

  private mutating func endFrame() {
    headCount = 0
    payloadLeft = 0
    hasFrame = true
    guard isOfList else { return }
    isListOpen = flags & FrameType.endHeadersFlag == 0
    if !isListOpen { lists &+= 1 }
  }
}
