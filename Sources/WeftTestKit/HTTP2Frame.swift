/// A frame of HTTP/2 as bytes (RFC 9113 section 4.1), written and read without the library that is under test.
public struct HTTP2Frame: Equatable, Sendable {
  /// What a client sends before its first frame (RFC 9113 section 3.4).
  public static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  /// Such as `HTTP2Frame.headers`.
  public var type: UInt8
  /// Such as `HTTP2Frame.endStream`.
  public var flags: UInt8
  /// The stream's number; 0 is the connection.
  public var stream: UInt32
  /// What follows the nine bytes of its head.
  public var payload: [UInt8]

  /// The types of RFC 9113 section 6: a piece of a body.
  public static let data: UInt8 = 0
  /// The beginning of a header list.
  public static let headers: UInt8 = 1
  /// What nobody heeds any more.
  public static let priority: UInt8 = 2
  /// RST_STREAM.
  public static let reset: UInt8 = 3
  /// How its sender wants to be spoken to.
  public static let settings: UInt8 = 4
  /// A response that nobody asked for.
  public static let pushPromise: UInt8 = 5
  /// Wants to be sent back.
  public static let ping: UInt8 = 6
  /// The end of the connection.
  public static let goAway: UInt8 = 7
  /// Room for more data.
  public static let windowUpdate: UInt8 = 8
  /// The rest of a header list.
  public static let continuation: UInt8 = 9
  /// The flag of the last HEADERS or DATA of a stream.
  public static let endStream: UInt8 = 1
  /// The flag of an answer to SETTINGS or PING.
  public static let acknowledgement: UInt8 = 1
  /// The flag of a header list's last frame.
  public static let endHeaders: UInt8 = 4

  /// A frame as it is to be; nothing is checked.
  public init(_ type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []) {
    self.type = type
    self.flags = flags
    self.stream = stream
    self.payload = payload
  }

  /// A header list in one frame; each field is a literal that no table remembers (RFC 7541 section 6.2.2).
  public static func headers(
    _ stream: UInt32,
    _ fields: [(String, String)],
    endStream: Bool = false
  ) -> HTTP2Frame {
    let flags = endHeaders | (endStream ? HTTP2Frame.endStream : 0)
    return HTTP2Frame(headers, flags: flags, stream: stream, literals(fields))
  }

  /// A piece of a body.
  public static func data(_ stream: UInt32, _ bytes: [UInt8], endStream: Bool = false) -> HTTP2Frame {
    HTTP2Frame(data, flags: endStream ? HTTP2Frame.endStream : 0, stream: stream, bytes)
  }

  /// Fields as HPACK literals without indexing or Huffman coding.
  public static func literals(_ fields: [(String, String)]) -> [UInt8] {
    fields.flatMap { name, value in [0] + string(name) + string(value) }
  }

  /// A string as HPACK has it (RFC 7541 section 5.2).
  public static func string(_ text: String) -> [UInt8] {
    integer(text.utf8.count, prefixBits: 7) + Array(text.utf8)
  }

  /// A number as HPACK has it, the bits above its prefix being zero (RFC 7541 section 5.1).
  public static func integer(_ value: Int, prefixBits: Int) -> [UInt8] {
    let most = 1 << prefixBits - 1
    guard value >= most else { return [UInt8(value)] }
    var bytes = [UInt8(most)]
    var rest = value - most
    while rest >= 128 {
      bytes.append(UInt8(rest & 127 | 128))
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  /// Four bytes, the highest first.
  public static func number(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  /// As it is sent.
  public var bytes: [UInt8] {
    Array(Self.number(UInt32(payload.count)).dropFirst()) + [type, flags] + Self.number(stream) + payload
  }

  /// The frames that `bytes` consist of, a preface before them skipped; what is no whole frame at the end is dropped.
  public static func all(in bytes: [UInt8]) -> [HTTP2Frame] {
    var rest = bytes[...]
    if rest.starts(with: preface) { rest = rest.dropFirst(preface.count) }
    var frames: [HTTP2Frame] = []
    while rest.count >= 9 {
      let head = Array(rest.prefix(9))
      let length = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
      guard rest.count >= 9 + length else { break }
      let stream = head[5...].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      frames.append(HTTP2Frame(head[3], flags: head[4], stream: stream, Array(rest.dropFirst(9).prefix(length))))
      rest = rest.dropFirst(9 + length)
    }
    return frames
  }
}
