/// A request as a lenient server reads it, one that takes every liberty RFC 9112 gives and some that it does not:
/// lines that end in LF alone, any whitespace between the parts of the first line, any Transfer-Encoding that has
/// `chunked` in it, chunk sizes up to the first byte that is no digit. Where a proxy passes on what such a server would
/// take for two messages, two are seen here.
public struct WireRequest: Sendable {
  /// How the end of the body was found.
  public enum Framing: Sendable { case none, length, chunked }

  /// The first word of the first line.
  public var method = ""
  /// What is between it and the last word.
  public var target = ""
  /// Names, as they came, and values without whitespace around them.
  public var fields: [(name: String, value: String)] = []
  /// How the end of the body was found.
  public var framing = Framing.none
  /// The body without its coding.
  public var body: [UInt8] = []
  /// The fields behind a chunked body.
  public var trailers: [(name: String, value: String)] = []

  /// What the beginning of some bytes is.
  public enum Reading: Sendable {
    /// A message, and so many bytes.
    case whole(WireRequest, Int)
    /// Not a whole one yet; `awaitsContinue` where the client waits to be told to send the body.
    case partial(awaitsContinue: Bool)
  }

  /// The first value of a field, by its name in lower case.
  public func first(_ name: String) -> String? { fields.first { $0.name.lowercased() == name }?.value }

  /// Reads the message at the beginning of `bytes`.
  public static func read(_ bytes: ArraySlice<UInt8>) -> Reading {
    var cursor = WireCursor(bytes)
    var request = WireRequest()
    guard var line = cursor.line() else { return .partial(awaitsContinue: false) }
    while line.isEmpty {
      guard let next = cursor.line() else { return .partial(awaitsContinue: false) }
      line = next
    }
    let words = line.split { $0 == " " || $0 == "\t" }
    request.method = words.first.map(String.init) ?? ""
    request.target = words.dropFirst().prefix(max(1, words.count - 2)).joined(separator: " ")
    guard let fields = cursor.fields() else { return .partial(awaitsContinue: false) }
    request.fields = fields
    guard request.readBody(&cursor) else {
      let expects = request.first("expect")?.lowercased() == "100-continue"
      return .partial(awaitsContinue: expects && cursor.rest.isEmpty)
    }
    return .whole(request, cursor.at - bytes.startIndex)
  }

  private mutating func readBody(_ cursor: inout WireCursor) -> Bool {
    if fields.contains(where: {
      $0.name.lowercased() == "transfer-encoding" && $0.value.lowercased().contains("chunked")
    }) {
      framing = .chunked
      return readChunks(&cursor)
    }
    guard let digits = first("content-length")?.prefix(while: { $0.isNumber }), !digits.isEmpty else { return true }
    // A number beyond all bounds is one that never comes.
    let length = Int(digits) ?? .max
    framing = .length
    guard let bytes = cursor.take(length) else { return false }
    body = Array(bytes)
    return true
  }

  private mutating func readChunks(_ cursor: inout WireCursor) -> Bool {
    while true {
      let start = cursor
      guard let line = cursor.line(), let size = Int("0" + line.prefix { $0.isHexDigit }, radix: 16) else {
        cursor = start
        return false
      }
      if size == 0 { break }
      guard let data = cursor.take(size), cursor.line() != nil else { return false }
      body += data
    }
    guard let trailers = cursor.fields() else { return false }
    self.trailers = trailers
    return true
  }
}

/// A place in bytes that are read leniently.
struct WireCursor {
  private let bytes: ArraySlice<UInt8>
  private(set) var at: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    at = bytes.startIndex
  }

  var rest: ArraySlice<UInt8> { bytes[at...] }

  /// The bytes up to the next LF, without it and a CR before it; each byte is one character, whatever its encoding.
  mutating func line() -> String? {
    guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    let line = rest[..<end]
    at = end + 1
    return String(
      String.UnicodeScalarView(
        (line.last == UInt8(ascii: "\r") ? line.dropLast() : line).map {
          Unicode.Scalar($0)
        }
      )
    )
  }

  /// Lines up to and with an empty one, each taken apart at its first colon; nil where that line is not here yet.
  mutating func fields() -> [(name: String, value: String)]? {
    var fields: [(name: String, value: String)] = []
    while let line = line() {
      if line.isEmpty { return fields }
      let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      fields.append((Self.trim(parts[0]), parts.count > 1 ? Self.trim(parts[1]) : ""))
    }
    return nil
  }

  mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard count <= rest.count else { return nil }
    defer { at += count }
    return rest.prefix(count)
  }

  private static func trim(_ text: Substring) -> String {
    let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    return String(String(text.drop(while: isBlank).reversed()).drop(while: isBlank).reversed())
  }
}
