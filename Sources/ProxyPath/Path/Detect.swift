internal import Reactor

/// What the two sides were found to speak. Found by looking at bytes as they pass, so it never delays anyone.
enum DetectedProtocol: UInt8, Sendable, CaseIterable {
  /// Neither side has said anything.
  case silent
  case tls
  case http1
  case http2
  /// The server spoke before the client, as SMTP, FTP, SSH and MySQL servers do.
  case serverFirst
  /// The client spoke first, in no protocol known here.
  case opaque

  /// The word in WEFT_PROTOCOL.
  var text: StaticString {
    switch self {
    case .silent: "silent"
    case .tls: "tls"
    case .http1: "http/1"
    case .http2: "http/2"
    case .serverFirst: "server-first"
    case .opaque: "opaque"
    }
  }
}

/// The state of detection on one connection.
struct Detection: ~Copyable {
  private(set) var result = DetectedProtocol.silent
  private(set) var isSettled = false
  private var isKnownHello = false
  /// The client's first bytes while they do not suffice yet; nil in nearly every connection.
  private var partial: UnsafeMutableRawBufferPointer?
  private var partialCount: Int32 = 0
  /// What a TLS client said of itself. Owned here until the record takes it.
  private(set) var hello: UnsafeMutablePointer<ClientHello>?

  /// Client bytes kept while they do not suffice: a ClientHello with post-quantum keys and a ticket stays under 8 KiB.
  static let partialLimit = 16 << 10

  /// Ticks (250 ms) that a client's first words are kept from the server while they may still become a request: HTTP
  /// clients send a head at once, and others shall hardly notice.
  static let patience_ticks: UInt32 = 1

  /// The first memory for them: most that are cut are a few bytes of a method or of a record's head.
  static let partialMinimum = 64

  init() {}

  deinit {
    partial?.deallocate()
    hello?.deallocate()
  }

  /// What was said so far may become the request line of HTTP/1: it must not reach the server unjudged.
  var mayBecomeRequest: Bool { !isSettled && partialCount > 0 && partial?.first != ClientHello.firstByte }

  /// A TLS client has begun to say where it is going, and not ended.
  var awaitsHello: Bool { !isSettled && partialCount > 0 && partial?.first == ClientHello.firstByte }

  /// It is a hello and not only what may become one.
  var isHello: Bool { awaitsHello && partialCount > ClientHello.recordHead }

  /// Whether that has become known since this was last asked.
  mutating func hasBecomeHello() -> Bool {
    guard isHello, !isKnownHello else { return false }
    isKnownHello = true
    return true
  }

  /// HTTP/1 was spoken, until both sides agreed to something else.
  mutating func settleAsHTTP() { settle(.http1) }

  /// Hands over what a TLS client said; the caller deallocates it.
  mutating func takeHello() -> UnsafeMutablePointer<ClientHello>? {
    let taken = hello
    hello = nil
    return taken
  }

  /// The server sent something. Where the client had said nothing, the server is first; where it had said too little to
  /// tell, that was enough for its server, so more is neither waited for nor kept. Only a hello that has begun is: the
  /// name is still to come.
  mutating func serverSpoke() {
    guard !isSettled, partial?.first != ClientHello.firstByte else { return }
    settle(result == .silent ? .serverFirst : result)
  }

  /// Looks at client bytes as they pass, from the first on, until settled.
  mutating func clientSpoke(_ bytes: UnsafeRawBufferPointer) {
    guard !isSettled else { return }
    if partial != nil {
      append(bytes)
      guard let partial else { return }
      consider(UnsafeRawBufferPointer(rebasing: partial[..<Int(partialCount)]))
    } else {
      consider(bytes)
    }
  }

  private mutating func consider(_ bytes: UnsafeRawBufferPointer) {
    switch classify(bytes) {
    case .tls:
      var found = ClientHello()
      switch ClientHello.parse(bytes, into: &found) {
      case .complete:
        let kept = UnsafeMutablePointer<ClientHello>.allocate(capacity: 1)
        kept.initialize(to: found)
        hello = kept
        settle(.tls)
      case .incomplete: keep(bytes, otherwise: .tls)
      case .malformed: settle(.tls)
      }
    case .undecided: keep(bytes, otherwise: .opaque)
    case .http1: settle(.http1)
    case .http2: settle(.http2)
    case .opaque: settle(.opaque)
    }
  }

  /// Keeps bytes that do not suffice yet; `last` is what they are taken for where no more come.
  private mutating func keep(_ bytes: UnsafeRawBufferPointer, otherwise last: DetectedProtocol) {
    result = last
    guard bytes.count < Self.partialLimit else { return settle(last) }
    guard partial == nil else { return }  // `bytes` is what was kept already
    append(bytes)
  }

  /// Adds to what is kept, in memory that grows with it: a client that sends one byte and waits shall not cost 16 KiB.
  private mutating func append(_ bytes: UnsafeRawBufferPointer) {
    let kept = Int(partialCount)
    let count = min(bytes.count, Self.partialLimit - kept)
    var room = partial?.count ?? 0
    if room < kept + count {
      room = min(Self.partialLimit, max(Self.partialMinimum, 2 * room, kept + count))
      let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: room, alignment: 16)
      if let partial { larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: partial[..<kept])) }
      partial?.deallocate()
      partial = larger
    }
    if let partial {
      UnsafeMutableRawBufferPointer(rebasing: partial[kept...])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
    }
    partialCount += Int32(count)
  }

  private mutating func settle(_ found: DetectedProtocol) {
    result = found
    isSettled = true
    partial?.deallocate()
    partial = nil
  }
}

/// What a client's first bytes look like.
enum FirstBytes { case tls, http1, http2, opaque, undecided }

/// Classifies a client's first bytes; `undecided` where more could still tell.
func classify(_ bytes: UnsafeRawBufferPointer) -> FirstBytes {
  guard let first = bytes.first else { return .undecided }
  // RFC 8446 section 5.1: a handshake record, legacy version 3.x, holding a ClientHello (type 1).
  if first == ClientHello.firstByte {
    if bytes.count > 1, bytes[1] != 3 { return .opaque }
    if bytes.count > 5 { return bytes[5] == 1 ? .tls : .opaque }
    return .undecided
  }
  switch matchPreface(bytes) {
  case .whole: return .http2
  case .prefix: return .undecided
  case .no: return classifyRequestLine(bytes)
  }
}

enum PrefaceMatch { case whole, prefix, no }

/// Whether bytes begin as a client of HTTP/2 does, or may (RFC 9113 section 3.4).
func matchPreface(_ bytes: UnsafeRawBufferPointer) -> PrefaceMatch {
  let preface: StaticString = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
  let length = preface.utf8CodeUnitCount
  for index in 0..<min(bytes.count, length) where bytes[index] != preface.utf8Start[index] { return .no }
  return bytes.count >= length ? .whole : .prefix
}

/// The longest method that is waited for; the longest registered one, UPDATEREDIRECTREF, has 17 letters.
private let methodLimit = 20
/// A request line longer than this is taken for HTTP/1 without its version in sight (RFC 9112 section 3 asks 8000).
private let requestLineLimit = 8000

/// Empty lines before a request line that are waited through; lenient servers skip any number.
private let emptyLinesLimit = 16

/// `METHOD SP target SP HTTP/1.x` (RFC 9112 section 3), and what only a lenient server takes for it: empty lines before it,
/// small letters, TAB for SP, no target, blanks behind the version, another version. Served as a request that is refused;
/// relayed as it is, it would reach such a server unjudged. "EHLO host" and "SET key value" are none of these.
private func classifyRequestLine(_ bytes: UnsafeRawBufferPointer) -> FirstBytes {
  var first = 0
  while first < bytes.count, isLineEnd(bytes[first]) { first += 1 }
  if first > emptyLinesLimit { return .opaque }
  var index = first
  while index < bytes.count, isMethodLetter(bytes[index]) { index += 1 }
  if index - first > methodLimit { return .opaque }
  if index == bytes.count { return .undecided }
  guard index > first, isBlank(bytes[index]) else { return .opaque }
  let limit = first + requestLineLimit
  guard let end = bytes[index..<min(bytes.count, limit)].firstIndex(of: UInt8(ascii: "\n")) else {
    return bytes.count < limit ? .undecided : .http1
  }
  return endsInVersion(UnsafeRawBufferPointer(rebasing: bytes[index..<end])) ? .http1 : .opaque
}

/// Whether a line, from the blank behind the method on, ends in a blank and `HTTP/` with a number.
private func endsInVersion(_ line: UnsafeRawBufferPointer) -> Bool {
  var end = line.count
  while end > 0, isBlank(line[end - 1]) || line[end - 1] == UInt8(ascii: "\r") { end -= 1 }
  while end > 0,
    line[end - 1] >= UInt8(ascii: "0") && line[end - 1] <= UInt8(ascii: "9") || line[end - 1] == UInt8(ascii: ".")
  {
    end -= 1
  }
  let name: StaticString = "http/"
  let start = end - name.utf8CodeUnitCount
  guard start > 0, isBlank(line[start - 1]) else { return false }
  for offset in 0..<name.utf8CodeUnitCount where line[start + offset] | 0x20 != name.utf8Start[offset] | 0x20 {
    return false
  }
  return true
}

private func isLineEnd(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n") }

private func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

private func isMethodLetter(_ byte: UInt8) -> Bool {
  (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")) || byte == UInt8(ascii: "-")
    || byte == UInt8(ascii: "_")
}
