internal import Glibc

/// Reads HTTP/1 messages off a stream, one after the other: heads, and bodies by length, by chunks or to the end.
public final class MessageReader {
  private let stream: PodStream
  private var held: [UInt8] = []
  private var isAtEnd = false
  /// What ended the stream, where it was no orderly end.
  public private(set) var failure: SocketFailure?
  /// What followed the last chunk of the last body, names in lower case.
  public private(set) var trailers: [String: String] = [:]

  /// Reads from `stream`.
  public init(_ stream: PodStream) { self.stream = stream }

  /// Bytes that were read and belong to no message so far.
  public var surplus: String { String(decoding: held, as: UTF8.self) }

  /// The next head; nil where the stream ends first.
  ///
  /// - Throws: `SocketFailure` with `EAGAIN` when nothing came for 30 s.
  public func head() throws -> MessageHead? {
    let end = Array("\r\n\r\n".utf8)
    while true {
      if let range = held.firstRange(of: end) {
        let text = String(decoding: held[..<range.upperBound], as: UTF8.self)
        held.removeFirst(range.upperBound)
        return MessageHead(text)
      }
      guard try readMore() else { return nil }
    }
  }

  /// The body behind `head`; `isWhole` is false where the stream ended first.
  public func body(of head: MessageHead, mayBeUntilEnd: Bool = false) throws -> (text: String, isWhole: Bool) {
    if head["Transfer-Encoding"] != nil { return try chunks() }
    if let length = head["Content-Length"].flatMap({ Int($0) }) {
      while held.count < length { guard try readMore() else { return (take(held.count), false) } }
      return (take(length), true)
    }
    guard mayBeUntilEnd else { return ("", true) }
    while try readMore() {}
    return (take(held.count), failure == nil)
  }

  private func chunks() throws -> (text: String, isWhole: Bool) {
    var body = ""
    trailers = [:]
    while true {
      guard let line = try line(), let size = Int(line.prefix { $0.isHexDigit }, radix: 16) else {
        return (body, false)
      }
      guard size > 0 else {
        while let trailer = try self.line() {
          if trailer.isEmpty { return (body, true) }
          let parts = trailer.split(separator: ":", maxSplits: 1).map(String.init)
          trailers[parts[0].lowercased()] = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
        }
        return (body, false)
      }
      while held.count < size + 2 { guard try readMore() else { return (body + take(min(size, held.count)), false) } }
      body += take(size)
      _ = take(2)
    }
  }

  private func line() throws -> String? {
    let end = Array("\r\n".utf8)
    while true {
      if let range = held.firstRange(of: end) {
        let text = take(range.lowerBound)
        _ = take(2)
        return text
      }
      guard try readMore() else { return nil }
    }
  }

  private func take(_ count: Int) -> String {
    defer { held.removeFirst(count) }
    return String(decoding: held[..<count], as: UTF8.self)
  }

  /// Whether more came. A peer that goes with a reset ends the stream like one that says goodbye; silence is an error.
  private func readMore() throws -> Bool {
    guard !isAtEnd else { return false }
    do {
      let more = try stream.receive()
      isAtEnd = more.isEmpty
      held += more
    } catch let error as SocketFailure where error.code == ECONNRESET {
      failure = error
      isAtEnd = true
    }
    return !isAtEnd
  }
}
