internal import CNghttp2

extension PathRefusal {
  /// What one of nghttp2's error codes (nghttp2.h, `nghttp2_error`) means.
  init(nghttp2 code: CInt) {
    self =
      switch code {
      case NGHTTP2_ERR_FLOODED.rawValue: .unreadAcknowledgements
      case NGHTTP2_ERR_TOO_MANY_SETTINGS.rawValue: .settingsEntries
      case NGHTTP2_ERR_HTTP_HEADER.rawValue: .invalidField
      case NGHTTP2_ERR_HTTP_MESSAGING.rawValue: .invalidMessage
      case NGHTTP2_ERR_REFUSED_STREAM.rawValue: .tooManyStreams
      case NGHTTP2_ERR_HEADER_COMP.rawValue: .compression
      case NGHTTP2_ERR_FRAME_SIZE_ERROR.rawValue: .frameSize
      case NGHTTP2_ERR_FLOW_CONTROL.rawValue: .flowControl
      case NGHTTP2_ERR_STREAM_CLOSED.rawValue: .streamClosed
      case NGHTTP2_ERR_BAD_CLIENT_MAGIC.rawValue, NGHTTP2_ERR_SETTINGS_EXPECTED.rawValue: .preface
      case NGHTTP2_ERR_NOMEM.rawValue: .outOfMemory
      case NGHTTP2_ERR_CALLBACK_FAILURE.rawValue: .internalFault
      case NGHTTP2_ERR_TOO_MANY_CONTINUATIONS.rawValue: .continuationFlood
      default: .protocolViolation
      }
  }

  /// The code that a connection was ended with (RFC 9113 section 7), where nghttp2 says no more.
  init(goodbye code: ErrorCode) {
    self =
      switch code {
      case .flowControlError: .flowControl
      case ErrorCode(rawValue: NGHTTP2_STREAM_CLOSED.rawValue): .streamClosed
      case ErrorCode(rawValue: NGHTTP2_FRAME_SIZE_ERROR.rawValue): .frameSize
      case ErrorCode(rawValue: NGHTTP2_COMPRESSION_ERROR.rawValue): .compression
      case .enhanceYourCalm: .settingsEntries
      case .internalError: .internalFault
      default: .protocolViolation
      }
  }
}
