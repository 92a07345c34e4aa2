/// Why a stream or connection was ended (RFC 9113 section 7). Codes that nobody has defined are kept as they came.
public struct ErrorCode: RawRepresentable, Hashable, Sendable, BitwiseCopyable, CustomStringConvertible {
  /// As it is in RST_STREAM and GOAWAY frames.
  public let rawValue: UInt32

  /// A code by its number.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// An orderly end.
  public static let noError = ErrorCode(rawValue: 0x0)
  /// The other side broke the protocol.
  public static let protocolError = ErrorCode(rawValue: 0x1)
  /// The side that says so failed by itself.
  public static let internalError = ErrorCode(rawValue: 0x2)
  /// More data came than was allowed.
  public static let flowControlError = ErrorCode(rawValue: 0x3)
  /// The stream was not begun; what it asked for was not done.
  public static let refusedStream = ErrorCode(rawValue: 0x7)
  /// The stream is not wanted any more.
  public static let cancel = ErrorCode(rawValue: 0x8)
  /// What CONNECT asked for could not be reached, or was reset.
  public static let connectError = ErrorCode(rawValue: 0xa)
  /// The other side asks for too much.
  public static let enhanceYourCalm = ErrorCode(rawValue: 0xb)
  /// The transport is not secure enough.
  public static let inadequateSecurity = ErrorCode(rawValue: 0xc)

  private static let names = [
    "NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED",
    "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM",
    "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
  ]

  /// Its name in RFC 9113, or the number.
  public var description: String {
    rawValue < UInt32(Self.names.count) ? Self.names[Int(rawValue)] : "code \(rawValue)"
  }
}
