internal import COpenSSL

/// What the connections of one worker to servers outside the mesh share that one rule speaks of: whom it believes, what it shows
/// of itself, and the sessions that can be taken up. It never changes; other files make another one.
public final class ServerContext {
  /// What is spoken inside (RFC 7301).
  public enum Inside: Sendable {
    /// HTTP/1.1, which is said.
    case requests
    /// HTTP/2, likewise. Without the server's word for it nothing may be said (RFC 9113 section 3.2): see
    /// `TLSSession.agreedProtocol`.
    case http2
    /// HTTP/2, or HTTP/1.1 where the server chooses that, or nothing: both are said.
    case either
    /// Whatever the program speaks; nothing is said.
    case opaque

    /// HTTP/2's name (RFC 9113 section 3.1).
    public static let http2Name = Array("h2".utf8)

    fileprivate var protocols: StaticString? {
      switch self {
      case .requests: "\u{8}http/1.1"
      case .http2: "\u{2}h2"
      case .either: "\u{2}h2\u{8}http/1.1"
      case .opaque: nil
      }
    }
  }

  let pointer: OpaquePointer
  let resumption = ServerResumption()
  private let authorities: AuthorityStore

  /// TLS 1.2 only with what keeps secrets when keys are lost, and AES-GCM or ChaCha20.
  private static let suites12 = "ECDHE+AESGCM:ECDHE+CHACHA20"
  private static let groups = "X25519:P-256:P-384"
  /// Certificates above the server's own.
  private static let depth: Int32 = 9
  /// Bytes of certificates that a server may show, OpenSSL's own default: some public ones have long lists of names.
  private static let chainBytes = 100 << 10

  /// A context. `own` is what is shown to servers that ask for it; secrets are written to the descriptor `keyLog` where there is
  /// one, as `TLSContext` has it.
  public init(
    trusting authorities: AuthorityStore,
    showing own: ClientCertificate?,
    inside: Inside,
    keyLog: Int32? = nil
  ) throws(TransportSecurityError) {
    guard let pointer = SSL_CTX_new(TLS_client_method()) else { throw .taken() }
    self.pointer = pointer
    self.authorities = authorities
    SSL_CTX_set1_cert_store(pointer, authorities.pointer)
    guard weft_context_set_least_version(pointer, Int(TLS1_2_VERSION)) == 1,
      SSL_CTX_set_cipher_list(pointer, Self.suites12) == 1,
      SSL_CTX_set_ciphersuites(pointer, TLSRules.suites) == 1,
      weft_context_set_groups(pointer, Self.groups) == 1
    else { throw .taken() }
    SSL_CTX_set_options(pointer, weft_no_renegotiation)
    weft_context_set_mode(
      pointer,
      Int(SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER)
    )
    SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
    SSL_CTX_set_verify_depth(pointer, Self.depth)
    _ = weft_context_set_chain_bytes(pointer, Self.chainBytes)
    SSL_CTX_set_cert_verify_callback(pointer, { store, _ in ServerHandshake.judge(store) }, nil)
    if let protocols = inside.protocols {
      // Zero is success (SSL_CTX_set_alpn_protos(3)).
      guard SSL_CTX_set_alpn_protos(pointer, protocols.utf8Start, UInt32(protocols.utf8CodeUnitCount)) == 0 else {
        throw .taken()
      }
    }
    if let own { try show(own) }
    if let keyLog { KeyLog.begin(of: pointer, to: keyLog) }
    weft_context_set_cache_mode(pointer, Int(SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL))
    SSL_CTX_sess_set_new_cb(pointer) { session, ticket in
      guard let handshake = Handshake.of(session), let ticket else { return 0 }
      return handshake.keep(ticket) ? 1 : 0
    }
  }

  deinit { SSL_CTX_free(pointer) }

  private func show(_ own: ClientCertificate) throws(TransportSecurityError) {
    guard SSL_CTX_use_certificate(pointer, own.chain[0].pointer) == 1, SSL_CTX_use_PrivateKey(pointer, own.key) == 1
    else { throw .taken() }
    for certificate in own.chain.dropFirst() {
      guard weft_context_add_chain(pointer, certificate.pointer) == 1 else { throw .taken() }
    }
  }
}
