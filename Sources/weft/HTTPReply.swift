/// A whole HTTP/1.1 reply with a Content-Length (RFC 9112), as the admin socket sends it.
struct HTTPReply: Equatable {
  let status: Int
  let body: [UInt8]

  /// More than any head that a proxy of ours sends.
  static let maxHeadBytes = 16 << 10

  /// How far some bytes are from a reply.
  enum Reading: Equatable {
    case whole(HTTPReply)
    case needsMore
    case malformed(String)
  }

  /// Reads `bytes`; `isEnd` tells that no more will come.
  static func read(_ bytes: [UInt8], isEnd: Bool) -> Reading {
    guard let headEnd = endOfHead(bytes) else {
      if bytes.count > maxHeadBytes { return .malformed("its head has more than \(maxHeadBytes) bytes") }
      return isEnd ? .malformed("it ended within the head, after \(bytes.count) bytes") : .needsMore
    }
    var lines = String(decoding: bytes[..<headEnd], as: UTF8.self).split(separator: "\r\n")[...]
    let words = lines.popFirst()?.split(separator: " ", maxSplits: 2) ?? []
    guard words.count >= 2, words[0] == "HTTP/1.1", let status = Int(words[1]), (100...599).contains(status) else {
      return .malformed("it does not start with HTTP/1.1 and a status")
    }
    let lengths = lines.compactMap { line -> Int? in
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, parts[0].lowercased() == "content-length" else { return nil }
      return Int(parts[1].filter { $0 != " " })
    }
    guard lengths.count == 1, let length = lengths.first, length >= 0, length <= AdminClient.maxReplyBytes else {
      return .malformed("it has no Content-Length that makes sense")
    }
    let body = bytes[(headEnd + 4)...]
    guard body.count >= length else {
      return isEnd ? .malformed("it ended after \(body.count) of \(length) bytes") : .needsMore
    }
    return .whole(HTTPReply(status: status, body: Array(body.prefix(length))))
  }

  /// Where the empty line starts that ends the head.
  private static func endOfHead(_ bytes: [UInt8]) -> Int? {
    let limit = min(bytes.count, maxHeadBytes + 4)
    guard limit >= 4 else { return nil }
    return (0...(limit - 4)).first { bytes[$0..<($0 + 4)].elementsEqual("\r\n\r\n".utf8) }
  }
}
