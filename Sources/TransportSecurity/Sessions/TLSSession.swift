internal import COpenSSL
internal import MeshModel

/// What a handshake came to.
public enum HandshakeStep: Hashable, Sendable, BitwiseCopyable {
  /// It goes on when more bytes come from the peer.
  case waiting
  /// Both sides have proved who they are.
  case established
  /// It is over; what the output holds, an alert, is still to be sent.
  case failed(TLSFault)
}

/// What opening records came to.
public enum OpenStep: Hashable, Sendable, BitwiseCopyable {
  /// So many bytes of what the peer said; there may be more.
  case bytes(Int)
  /// All that came is opened.
  case waiting
  /// The peer says no more (close_notify).
  case finished
  /// It is over.
  case failed(TLSFault)
}

/// One connection's TLS, without its socket: bytes in, bytes out. Whoever owns the socket calls, and sends what the
/// output holds after each call.
public struct TLSSession: ~Copyable {
  private let session: OpaquePointer
  private let wire: UnsafeMutablePointer<Wire>
  private let handshake: Handshake
  /// Whether both sides have proved who they are.
  public private(set) var isEstablished = false
  private var hasBegun = false

  /// A session that has not begun. A client begins by `shake` without input.
  public init(_ context: borrowing TLSContext, with expected: PeerExpectation) throws(TransportSecurityError) {
    let handshake = MeshHandshake(context, expected)
    let (session, wire) = try Self.make(context.pointer, handshake)
    (self.session, self.wire, self.handshake) = (session, wire, handshake)
    switch context.role {
    case .server: SSL_set_accept_state(session)
    case .client: SSL_set_connect_state(session)
    }
  }

  /// A session with a server outside the mesh, which is judged by `wanted`.
  public init(_ context: borrowing ServerContext, with wanted: ServerExpectation) throws(TransportSecurityError) {
    let handshake = ServerHandshake(wanted, context.resumption)
    let (session, wire) = try Self.make(context.pointer, handshake)
    (self.session, self.wire, self.handshake) = (session, wire, handshake)
    SSL_set_connect_state(session)
    if let name = wanted.serverName { _ = weft_session_set_server_name(session, name) }
  }

  private static func make(
    _ context: OpaquePointer,
    _ handshake: Handshake
  ) throws(TransportSecurityError) -> (OpaquePointer, UnsafeMutablePointer<Wire>) {
    guard let session = SSL_new(context) else { throw .taken() }
    let wire = UnsafeMutablePointer<Wire>.allocate(capacity: 1)
    wire.initialize(to: Wire())
    guard let bio = Wire.bio(wire) else {
      SSL_free(session)
      wire.deallocate()
      throw .taken()
    }
    SSL_set_bio(session, bio, bio)
    SSL_set_ex_data(session, Int32(weft_app_data), Unmanaged.passUnretained(handshake).toOpaque())
    return (session, wire)
  }

  deinit {
    SSL_free(session)
    wire.deallocate()
  }

  /// Who the peer has proved to be, once established.
  public var peer: PeerIdentity? { isEstablished ? handshake.peer : nil }
  /// Whether the roots of `trust` vouch for the peer still. Of an earlier session that was taken up it is only known that
  /// its roots were those of this one's context.
  public func isTrusted(by trust: PeerTrust) -> Bool { handshake.isTrusted(by: trust) }
  /// The same of the roots alone, whoever has signed between them and the peer.
  public func isRooted(in trust: PeerTrust) -> Bool { handshake.isRooted(in: trust) }
  /// The SHA-256 of the peer's certificate in DER, which a session that was taken up again has kept; nil before both have proved
  /// who they are.
  public var peerFingerprint: [UInt8]? {
    guard isEstablished, let leaf = SSL_get0_peer_certificate(session) else { return nil }
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    guard X509_digest(leaf, EVP_sha256(), &digest, &count) == 1 else {
      ERR_clear_error()
      return nil
    }
    return Array(digest.prefix(Int(count)))
  }
  /// Whether an earlier session was taken up, without certificates being shown again.
  public var isResumed: Bool { SSL_session_reused(session) == 1 }
  /// Whether a record has begun to arrive and is not whole, once `open` waits for more: all but the first bytes of its head count.
  public var isAmidst: Bool { SSL_has_pending(session) == 1 }
  /// The version, as records say it: `TLSv1.3`.
  public var version: String { String(cString: SSL_get_version(session)) }

  /// What both sides agreed to speak inside (ALPN, RFC 7301), as the one that was dialled has chosen it; nil where it chose nothing.
  public var agreedProtocol: [UInt8]? {
    var chosen: UnsafePointer<UInt8>?
    var count: UInt32 = 0
    SSL_get0_alpn_selected(session, &chosen, &count)
    return chosen.map { Array(UnsafeBufferPointer(start: $0, count: Int(count))) }
  }

  /// Goes on with the handshake. `input` is what came, and is left with what belongs to records behind the handshake;
  /// `now_s` is the time by which certificates are judged, in seconds since 1970.
  public mutating func shake(
    _ input: inout UnsafeRawBufferPointer,
    into output: CipherBuffer,
    now_s: Int64
  ) -> HandshakeStep {
    handshake.now_s = now_s
    if !hasBegun {
      hasBegun = true
      if let earlier = handshake.earlierSession() {
        SSL_set_session(session, earlier)
        SSL_SESSION_free(earlier)
      }
    }
    begin(input, output)
    let code = SSL_do_handshake(session)
    let why = code == 1 ? SSL_ERROR_NONE : SSL_get_error(session, code)
    input = end()
    guard code == 1 else {
      if why == SSL_ERROR_WANT_READ { return .waiting }
      let fault = TLSFault.taken()
      return .failed(handshake.fault ?? fault)
    }
    guard handshake.isSpoken(session) else { return .failed(.violation(SSL_R_NO_APPLICATION_PROTOCOL)) }
    if isResumed {
      let leaf = SSL_get0_peer_certificate(session).map(CertificateView.init)
      guard handshake.judgeResumed(leaf) else { return .failed(handshake.fault ?? .own) }
    }
    isEstablished = true
    return .established
  }

  /// Opens what came, as much as `plain` has room for. `input` is left with what was not read; call again until
  /// `.waiting`, then all of it was, and a record's beginning is kept here.
  public mutating func open(
    _ input: inout UnsafeRawBufferPointer,
    into plain: UnsafeMutableRawBufferPointer,
    answers output: CipherBuffer
  ) -> OpenStep {
    begin(input, output)
    let count = SSL_read(session, plain.baseAddress, Int32(clamping: plain.count))
    let why = count > 0 ? SSL_ERROR_NONE : SSL_get_error(session, count)
    input = end()
    if count > 0 { return .bytes(Int(count)) }
    switch why {
    case SSL_ERROR_WANT_READ: return .waiting
    case SSL_ERROR_ZERO_RETURN: return .finished
    default: return .failed(TLSFault.taken())
    }
  }

  /// Seals bytes into records; how many it took, fewer where the output is full. Nil when the session is over.
  public mutating func seal(_ plain: UnsafeRawBufferPointer, into output: CipherBuffer) -> Int? {
    begin(UnsafeRawBufferPointer(start: nil, count: 0), output)
    defer { _ = end() }
    var taken = 0
    while taken < plain.count, output.hasRoom {
      // A record at a time: there is room for one.
      let rest = UnsafeRawBufferPointer(rebasing: plain[taken...].prefix(CipherBuffer.recordBytes))
      let count = SSL_write(session, rest.baseAddress, Int32(rest.count))
      guard count > 0 else {
        ERR_clear_error()
        return nil
      }
      taken += Int(count)
    }
    return taken
  }

  /// Says that nothing more comes from this side (close_notify); what comes from the other can still be opened.
  public mutating func finish(into output: CipherBuffer) {
    guard isEstablished else { return }
    begin(UnsafeRawBufferPointer(start: nil, count: 0), output)
    _ = SSL_shutdown(session)
    ERR_clear_error()
    _ = end()
  }

  private func begin(_ input: UnsafeRawBufferPointer, _ output: CipherBuffer) {
    ERR_clear_error()
    wire.pointee.input = input
    wire.pointee.output = Unmanaged.passUnretained(output)
  }

  private func end() -> UnsafeRawBufferPointer {
    defer {
      wire.pointee.input = UnsafeRawBufferPointer(start: nil, count: 0)
      wire.pointee.output = nil
    }
    return wire.pointee.input
  }
}
