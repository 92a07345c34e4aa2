/// Why a body is refused; its connection must be closed, for where the next message begins is not known.
public enum BodyFault: UInt8, CaseIterable, Sendable {
  /// A chunk's size is missing or has another byte in it than hexadecimal digits.
  case malformedChunkSize
  /// A size with more than `BodyLimit.chunkSizeDigits`, or beyond 63 bits.
  case chunkSizeTooLarge
  /// A control character in a chunk's line, or LF or CR alone.
  case malformedChunkLine
  /// More than `BodyLimit.extensionBytes`.
  case chunkExtensionsTooLarge
  /// Chunk data that is not followed by CRLF.
  case malformedChunkEnd
  /// A trailer section that is no list of fields.
  case malformedTrailers
  /// More than `BodyLimit.trailerBytes` or `BodyLimit.trailerFields`.
  case trailersTooLarge

  /// A few words for a record or a reason header: lower-case letters and hyphens.
  public var text: StaticString {
    switch self {
    case .malformedChunkSize: "malformed-chunk-size"
    case .chunkSizeTooLarge: "chunk-size-too-large"
    case .malformedChunkLine: "malformed-chunk-line"
    case .chunkExtensionsTooLarge: "chunk-extensions-too-large"
    case .malformedChunkEnd: "malformed-chunk-end"
    case .malformedTrailers: "malformed-trailers"
    case .trailersTooLarge: "trailers-too-large"
    }
  }
}
