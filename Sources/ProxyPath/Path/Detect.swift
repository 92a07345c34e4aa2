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
