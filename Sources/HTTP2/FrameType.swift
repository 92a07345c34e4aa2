internal import CNghttp2

/// The types of frames that the session itself looks at (RFC 9113 section 6).
enum FrameType {
  static let data: UInt8 = 0x0
  static let headers: UInt8 = 0x1
  static let reset: UInt8 = 0x3
  static let settings: UInt8 = 0x4
  static let ping: UInt8 = 0x6
  static let goAway: UInt8 = 0x7
  static let windowUpdate: UInt8 = 0x8
  static let continuation: UInt8 = 0x9

  static let endStreamFlag: UInt8 = 0x1
  static let acknowledgementFlag: UInt8 = 0x1
  static let endHeadersFlag: UInt8 = 0x4
}

extension nghttp2_frame_hd {
  /// Whether the frame does nothing for a request, so that a flood of it would cost and bring nothing. WINDOW_UPDATE is none:
  /// each comes for data that was sent, and one that does not costs no more than reading it. An acknowledgement of settings is
  /// none, since there is one for each that were sent; nobody is sent a PING here, so that one of those answers nothing.
  var isControl: Bool {
    switch type {
    case FrameType.data: length == 0 && flags & FrameType.endStreamFlag == 0
    case FrameType.headers, FrameType.windowUpdate, FrameType.continuation: false
    case FrameType.settings: flags & FrameType.acknowledgementFlag == 0
    default: true
    }
  }
}

extension nghttp2_data {
  /// Whether a whole frame has padding and no byte of a body: a flood of those is one of empty frames, in other clothes.
  /// nghttp2 counts the byte that says how long the padding is as padding.
  var isPaddingAlone: Bool { hd.length > 0 && hd.length <= padlen }
}
