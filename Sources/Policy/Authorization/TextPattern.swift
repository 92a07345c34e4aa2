internal import Glibc
internal import MeshModel

/// A compiled `TextMatch`: its bytes lie in a store that many patterns share. Texts are compared as bytes, never as
/// String does, which takes different bytes for one text where Unicode does.
struct TextPattern: BitwiseCopyable {
  /// How the bytes are compared; `present` asks only that there is a text.
  enum Kind: UInt8, BitwiseCopyable {
    case exact, prefix, suffix, present
  }

  let kind: Kind
  /// For hosts: whether it names a port, and so is compared with the host and its port.
  let namesPort: Bool
  let start: UInt32
  let count: UInt32

  /// Adds the bytes of `match` to `store`.
  init(_ match: TextMatch, store: inout [UInt8]) {
    start = UInt32(store.count)
    switch match {
    case .exact(let text):
      kind = .exact
      store += text.utf8
    case .prefix(let text):
      kind = .prefix
      store += text.utf8
    case .suffix(let text):
      kind = .suffix
      store += text.utf8
    case .present: kind = .present
    }
    count = UInt32(store.count) - start
    namesPort = match.namesPort
  }

  /// Whether `text` matches. `.present` wants at least one byte.
  @inline(__always)
  func matches(_ text: UnsafeRawBufferPointer, _ store: UnsafeRawBufferPointer) -> Bool {
    let count = Int(count)
    guard let first = window(of: text.count) else { return false }
    if kind == .present || count == 0 { return true }
    guard let text = text.baseAddress, let store = store.baseAddress else { return false }
    return memcmp(text + first, store + Int(start), count) == 0
  }

  /// Whether `head` and `tail`, one behind the other, match a pattern in lower case, in whatever case they are.
  func matchesFolded(_ head: UnsafeRawBufferPointer, _ tail: UnsafeRawBufferPointer, _ store: UnsafeRawBufferPointer)
    -> Bool
  {
    guard let first = window(of: head.count + tail.count) else { return false }
    for index in 0..<Int(count) {
      let place = first + index
      let byte = place < head.count ? head[place] : tail[place - head.count]
      guard byte.lowercasedASCII == store[Int(start) + index] else { return false }
    }
    return true
  }

  /// Where in a text of `length` bytes the pattern's bytes would have to stand; nil where they cannot.
  @inline(__always)
  func window(of length: Int) -> Int? {
    switch kind {
    case .exact: length == Int(count) ? 0 : nil
    case .prefix: length >= Int(count) ? 0 : nil
    case .suffix: length >= Int(count) ? length - Int(count) : nil
    case .present: length > 0 ? 0 : nil
    }
  }
}

extension TextMatch {
  /// The text it holds; nil for `present`.
  var text: String? {
    switch self {
    case .exact(let text), .prefix(let text), .suffix(let text): text
    case .present: nil
    }
  }

  /// The same kind of match on another text; `present` stays what it is.
  func with(_ text: String) -> TextMatch {
    switch self {
    case .exact: .exact(text)
    case .prefix: .prefix(text)
    case .suffix: .suffix(text)
    case .present: .present
    }
  }

  /// As a pattern for hosts: a colon outside of an IPv6 address's brackets begins a port.
  var namesPort: Bool {
    guard let text else { return false }
    // What a suffix cuts off may have been a bracket: `*:1]` is the end of an address, `*]:80` has a port.
    if text.utf8.first == UInt8(ascii: "["), !text.utf8.contains(UInt8(ascii: "]")) { return false }
    let tail = text.utf8.lastIndex(of: UInt8(ascii: "]")).map { text.utf8[$0...] } ?? text.utf8[...]
    return tail.contains(UInt8(ascii: ":"))
  }
}

extension UInt8 {
  /// The byte, an ASCII capital as its small letter.
  @inline(__always)
  var lowercasedASCII: UInt8 { 0x41...0x5a ~= self ? self | 0x20 : self }
}
