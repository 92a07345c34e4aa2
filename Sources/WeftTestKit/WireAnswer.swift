/// An answer as the client of a proxy reads it.
public struct WireAnswer: Sendable {
  /// How the end of the body was found.
  public enum Framing: Sendable { case none, length, chunked, untilClose }

  /// The status; 0 for bytes that are no answer.
  public var status = 0
  /// Names in lower case, and values without whitespace around them.
  public var fields: [(name: String, value: String)] = []
  /// How the end of the body was found.
  public var framing = Framing.none
  /// The body without its coding, or what came of it. Behind a 101, all that followed.
  public var body: [UInt8] = []
  /// Whether all of it came.
  public var isWhole = true

  /// The body as text.
  public var text: String { String(decoding: body, as: UTF8.self) }

  /// The first value of a field, by its name in lower case.
  public func first(_ name: String) -> String? { fields.first { $0.name == name }?.value }

  /// The answers in `bytes`, which is all that a client was sent, interim ones among them.
  ///
  /// - Parameters:
  ///   - bytes: what came.
  ///   - heads: which of the final answers are to HEAD, counted from 0.
  public static func all(in bytes: [UInt8], heads: Set<Int> = []) -> [WireAnswer] {
    var answers: [WireAnswer] = []
    var cursor = WireCursor(bytes[...])
    var finals = 0
    while !cursor.rest.isEmpty {
      let answer = read(&cursor, isToHead: heads.contains(finals))
      if answer.status >= 200 { finals += 1 }
      answers.append(answer)
    }
    return answers
  }

  private static func read(_ cursor: inout WireCursor, isToHead: Bool) -> WireAnswer {
    var answer = WireAnswer()
    let all = cursor.rest
    guard let line = cursor.line(), line.hasPrefix("HTTP/1."), let status = Int(line.dropFirst(9).prefix(3)),
      let fields = cursor.fields()
    else {
      answer.body = Array(all)
      answer.isWhole = false
      _ = cursor.takeRest()
      return answer
    }
    answer.status = status
    answer.fields = fields.map { ($0.name.lowercased(), $0.value) }
    if status == 101 {
      answer.body = Array(cursor.takeRest())
    } else if status >= 200, status != 204, status != 304, !isToHead {
      answer.readBody(&cursor)
    }
    return answer
  }

  private mutating func readBody(_ cursor: inout WireCursor) {
    if first("transfer-encoding")?.lowercased() == "chunked" {
      framing = .chunked
      isWhole = readChunks(&cursor)
      if !isWhole { _ = cursor.takeRest() }
    } else if let length = first("content-length").flatMap({ Int($0) }) {
      framing = .length
      isWhole = cursor.rest.count >= length
      body = Array(cursor.take(length) ?? cursor.takeRest())
    } else {
      framing = .untilClose
      body = Array(cursor.takeRest())
    }
  }

  private mutating func readChunks(_ cursor: inout WireCursor) -> Bool {
    while let line = cursor.line() {
      guard let size = Int(line.prefix { $0.isHexDigit }, radix: 16) else { return false }
      if size == 0 {
        guard let trailers = cursor.fields() else { return false }
        fields += trailers.map { ("trailer " + $0.name.lowercased(), $0.value) }
        return true
      }
      guard let data = cursor.take(size) else {
        body += cursor.rest
        return false
      }
      body += data
      guard cursor.line() == "" else { return false }
    }
    return false
  }
}

extension WireCursor {
  mutating func takeRest() -> ArraySlice<UInt8> { take(rest.count) ?? [] }
}
