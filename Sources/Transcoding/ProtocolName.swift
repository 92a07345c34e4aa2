/// The protocol that a request wants to go on in, such as `websocket`: kept with the stream, since HTTP/2 says it once and
/// HTTP/1.1 again when it is agreed on (RFC 9110 section 7.8).
public struct ProtocolName: BitwiseCopyable, Sendable {
  /// The longest name that is carried; registered ones have less than half.
  static let limit = 24

  private var bytes = InlineArray<24, UInt8>(repeating: 0)
  private var count: UInt8 = 0

  /// No other protocol.
  public init() {}

  /// A name in lower case; nil for one that is too long, or none.
  init?(_ text: UnsafeRawBufferPointer) {
    guard !text.isEmpty, text.count <= Self.limit else { return nil }
    for index in 0..<text.count {
      let byte = text[index]
      bytes[index] = byte &- 0x41 < 26 ? byte | 0x20 : byte
    }
    count = UInt8(text.count)
  }

  /// Whether there is none.
  public var isEmpty: Bool { count == 0 }

  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    withUnsafeBytes(of: bytes) { body(UnsafeRawBufferPointer(rebasing: $0[..<Int(count)])) }
  }
}
