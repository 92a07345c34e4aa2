extension MessagePack {
  /// The value that all of `bytes` are.
  init(decoding bytes: [UInt8]) throws(MessagePackError) {
    var decoder = Decoder(bytes: bytes, at: 0)
    self = try decoder.value(depth: 0)
    guard decoder.at == bytes.count else { throw .trailingBytes }
  }

  /// The value of `count` bytes that start at `start`, as `MessagePackScanner` found them.
  init(decoding bytes: [UInt8], from start: Int, count: Int) throws(MessagePackError) {
    var decoder = Decoder(bytes: bytes, at: start)
    self = try decoder.value(depth: 0)
    guard decoder.at == start + count else { throw .trailingBytes }
  }

  private struct Decoder {
    let bytes: [UInt8]
    var at: Int
    private var items = 0

    init(bytes: [UInt8], at: Int) {
      self.bytes = bytes
      self.at = at
    }

    mutating func value(depth: Int) throws(MessagePackError) -> MessagePack {
      guard let token = try MessagePackToken(in: bytes, at: at) else { throw .truncated }
      at += token.headBytes
      switch token.kind {
      case .null: return .null
      case .flag(let flag): return .flag(flag)
      case .integer(let number): return .integer(number)
      case .text(let count):
        let content = try take(count)
        return String(validating: content, as: UTF8.self).map { .text($0) } ?? .bytes(Array(content))
      case .bytes(let count): return .bytes(Array(try take(count)))
      case .array(let count):
        try enter(token, depth)
        var values: [MessagePack] = []
        for _ in 0..<count { values.append(try value(depth: depth + 1)) }
        return .array(values)
      case .map(let count):
        try enter(token, depth)
        var pairs: [Pair] = []
        for _ in 0..<count {
          let key = try value(depth: depth + 1)
          pairs.append(Pair(key: key, value: try value(depth: depth + 1)))
        }
        return .map(pairs)
      }
    }

    private mutating func take(_ count: Int) throws(MessagePackError) -> ArraySlice<UInt8> {
      guard count <= bytes.count - at else { throw .truncated }
      defer { at += count }
      return bytes[at..<at + count]
    }

    private mutating func enter(_ token: MessagePackToken, _ depth: Int) throws(MessagePackError) {
      guard depth < MessagePackLimit.depth else { throw .tooLarge("\(MessagePackLimit.depth) deep") }
      items += token.items
      guard items <= MessagePackLimit.items else { throw .tooLarge("\(MessagePackLimit.items) items") }
      // Each value takes a byte at least, so nobody is made to loop for values that cannot be there.
      guard token.items <= bytes.count - at else { throw .truncated }
    }
  }
}
