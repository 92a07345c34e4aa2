internal import HTTP2
internal import Kernel
internal import Reactor
internal import Transcoding

/// One stream of a connection to a peer's proxy. To the path it is a socket: bytes can be read from it and written to it, and
/// the loop's events come of it. What is read and written is HTTP/1.1 or a connection's opaque bytes, as on any other socket;
/// `MessageDecoder` and `MessageEncoder` turn them into HTTP/2 and back.
struct PeerStream: ~Copyable {
  /// The connection that it is a stream of.
  let connection: Slot
  /// Its number there; nil before the request's head was sent.
  var id: StreamID?
  /// Whom its events are told: nobody before there is one.
  var owner: Token?
  var decoder: MessageDecoder
  var encoder: MessageEncoder
  let isServer: Bool
  /// The port of the endpoint that it is for.
  let port: UInt16

  /// What came and was not read yet, from `offset` on.
  var incoming = HeldBytes()
  var offset = 0
  /// Bytes of bodies that came and for which the peer has not been given room again.
  var owed = 0
  /// It carries a connection, not a message.
  let isTunnel: Bool
  /// The connection that it carries stands at its other end.
  var isStanding = false
  /// The peer says no more.
  var hasFinished = false
  /// Why it broke; 0 where it did not.
  var failure: Int32 = 0
  /// The peer never looked at the request: it may be sent again, whatever it asks.
  var isUntouched = false
  /// The session has told its end: its number means nothing any more.
  var isClosed = false
  /// This side said all it had to say.
  var hasSentEnd = false
  /// All that it had to say is on its way but the end of it, for which there was no room.
  var owesEnd = false
  /// Nobody has it any more: it goes when its end was said.
  var isLeft = false
  /// And then the rest of what the other side says is refused.
  var owesReset = false
  /// Its end is to be told as a reset.
  var mustReset = false
  /// How the endpoint is spoken to: of a stream that came, how who sent it wants it.
  var speech = UpstreamSpeech.http1
  /// The code by which the other side reset it, or of a request that came, by which it is to be reset; nil for none.
  var code: ErrorCode?
  /// The peer's window or the connection's output is full.
  var isBlocked = false

  /// What its owner has not been told yet, and whether it waits in the list of those with news.
  var news = Readiness(rawValue: 0)
  var isListed = false
  /// Neighbours among the connection's streams; `.max` for none.
  var next = UInt32.max
  var previous = UInt32.max

  init(
    on connection: Slot,
    id: StreamID?,
    decoder: MessageDecoder,
    encoder: MessageEncoder,
    isServer: Bool,
    isTunnel: Bool,
    port: UInt16
  ) {
    self.connection = connection
    self.id = id
    self.decoder = decoder
    self.encoder = encoder
    self.isServer = isServer
    self.isTunnel = isTunnel
    self.port = port
  }

  /// How much can be read.
  var unread: Int { incoming.count - offset }
}

/// A stream in the hands of whoever reads and writes it, as a descriptor is: it is given up where this ends.
struct StreamEnd: ~Copyable {
  // Unsafe: the worker's stores, which outlive all that the worker keeps; `SecureStores` where `isSecure`.
  private let owner: UnsafeMutableRawPointer?
  let slot: Slot
  /// It is TLS to a server outside the mesh, over a socket of its own, and no stream of a connection to a peer.
  let isSecure: Bool

  init(_ stores: PeerStores, _ slot: Slot) {
    owner = Unmanaged.passUnretained(stores).toOpaque()
    self.slot = slot
    isSecure = false
  }

  init(_ stores: SecureStores, _ slot: Slot) {
    owner = Unmanaged.passUnretained(stores).toOpaque()
    self.slot = slot
    isSecure = true
  }

  private init() { (owner, slot, isSecure) = (nil, .nowhere, false) }

  @inline(__always) private var stores: Unmanaged<PeerStores>? {
    isSecure ? nil : owner.map { Unmanaged.fromOpaque($0) }
  }
  @inline(__always) private var secure: Unmanaged<SecureStores>? {
    isSecure ? owner.map { Unmanaged.fromOpaque($0) } : nil
  }

  /// No stream: what it stands beside is a socket.
  static var none: StreamEnd { StreamEnd() }

  deinit {
    secure?._withUnsafeGuaranteedRef { $0.giveUp(slot) }
    stores?._withUnsafeGuaranteedRef { $0.giveUp(slot) }
  }

  @inline(__always) var isStream: Bool { owner != nil }

  func receive(into buffer: UnsafeMutableRawBufferPointer) -> ReadOutcome {
    if let secure { return secure._withUnsafeGuaranteedRef { $0.receive(slot, into: buffer) } }
    return stores?._withUnsafeGuaranteedRef { $0.receive(slot, into: buffer) } ?? .endOfStream
  }

  func transmit(_ bytes: UnsafeRawBufferPointer) -> WriteOutcome {
    if let secure { return secure._withUnsafeGuaranteedRef { $0.transmit(slot, bytes) } }
    return stores?._withUnsafeGuaranteedRef { $0.transmit(slot, bytes) } ?? .wouldBlock
  }

  func finishWriting() {
    secure?._withUnsafeGuaranteedRef { $0.finishWriting(slot) }
    stores?._withUnsafeGuaranteedRef { $0.finishWriting(slot) }
  }
  func resetOnClose() {
    secure?._withUnsafeGuaranteedRef { $0.resetOnClose(slot) }
    stores?._withUnsafeGuaranteedRef { $0.resetOnClose(slot) }
  }
  func takeError() -> Int32 {
    if let secure { return secure._withUnsafeGuaranteedRef { $0.failure(of: slot) } }
    return stores?._withUnsafeGuaranteedRef { $0.failure(of: slot) } ?? 0
  }
  func hasUnreadBytes() -> Bool {
    if let secure { return secure._withUnsafeGuaranteedRef { $0.hasUnreadBytes(slot) } }
    return stores?._withUnsafeGuaranteedRef { $0.hasUnreadBytes(slot) } ?? false
  }
  func belong(to owner: Token) {
    secure?._withUnsafeGuaranteedRef { $0.assign(slot, to: owner) }
    stores?._withUnsafeGuaranteedRef { $0.assign(slot, to: owner) }
  }
}
