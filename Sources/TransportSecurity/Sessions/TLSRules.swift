internal import COpenSSL

/// The TLS that is spoken between proxies.
enum TLSRules {
  /// AES-GCM where processors do it in hardware, as nearly all servers' do; ChaCha20 for those without (RFC 8446 section 9.1).
  static let suites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
  /// X25519 costs least; P-256 is what everybody has.
  static let groups = "X25519:P-256"
  /// The keys that identities have.
  static let signatures = "ECDSA+SHA256:ECDSA+SHA384"
  /// Tickets for each full handshake: a worker keeps one connection to a peer, and needs one to take it up again.
  static let tickets = 1
  /// How long a ticket may be used, in seconds: an hour bounds what a stolen ticket key opens, and a revocation by a new
  /// bundle is at once, since it makes a new context.
  static let ticketLife_s = 3_600

  /// What ALPN offers and takes (RFC 7301): HTTP/2, each name behind its length.
  static let protocols: StaticString = "\u{2}h2"

  /// Whether that is the one of `protocols`.
  static func isSpoken(_ name: UnsafeRawBufferPointer) -> Bool {
    name.elementsEqual(UnsafeRawBufferPointer(start: protocols.utf8Start + 1, count: protocols.utf8CodeUnitCount - 1))
  }

  static func apply(to context: OpaquePointer, _ role: TLSContext.Role) throws(TransportSecurityError) {
    guard weft_context_set_versions(context, Int(TLS1_3_VERSION)) == 1,
      SSL_CTX_set_ciphersuites(context, suites) == 1,
      weft_context_set_groups(context, groups) == 1,
      weft_context_set_signatures(context, signatures) == 1
    else { throw .taken() }
    SSL_CTX_set_options(context, weft_no_renegotiation | weft_server_preference)
    // Buffers of 16 KiB are given back while nothing is on its way: an idle connection would own two.
    weft_context_set_mode(
      context,
      Int(SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER)
    )
    _ = weft_context_set_chain_bytes(context, CertificateLimit.chainBytes)
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
    SSL_CTX_set_cert_verify_callback(context, { store, _ in TLSRules.judge(store) }, nil)
    switch role {
    case .client:
      // Zero is success (SSL_CTX_set_alpn_protos(3)).
      guard SSL_CTX_set_alpn_protos(context, protocols.utf8Start, UInt32(protocols.utf8CodeUnitCount)) == 0 else {
        throw .taken()
      }
    case .server:
      // The callback below is not asked about who offers nothing, and what he would speak nobody has said. Who has no version
      // in common, as those before TLS 1.3 that do not know that extension, is told that instead.
      SSL_CTX_set_client_hello_cb(
        context,
        { session, alert, _ in
          func has(_ extensionID: Int32) -> Bool {
            SSL_client_hello_get0_ext(session, UInt32(extensionID), nil, nil) == 1
          }
          guard !has(TLSEXT_TYPE_supported_versions) || has(TLSEXT_TYPE_application_layer_protocol_negotiation) else {
            weft_raise_no_protocol()
            alert?.pointee = SSL_AD_NO_APPLICATION_PROTOCOL
            return SSL_CLIENT_HELLO_ERROR
          }
          return SSL_CLIENT_HELLO_SUCCESS
        },
        nil
      )
      SSL_CTX_set_alpn_select_cb(
        context,
        { _, chosen, count, offered, offeredCount, _ in
          var found: UnsafeMutablePointer<UInt8>?
          let outcome = SSL_select_next_proto(
            &found,
            count,
            TLSRules.protocols.utf8Start,
            UInt32(TLSRules.protocols.utf8CodeUnitCount),
            offered,
            offeredCount
          )
          guard outcome == OPENSSL_NPN_NEGOTIATED else { return SSL_TLSEXT_ERR_ALERT_FATAL }
          chosen?.pointee = UnsafePointer(found)
          return SSL_TLSEXT_ERR_OK
        },
        nil
      )
    }
  }

  /// Judges what a peer has shown: OpenSSL builds no chain of it.
  private static func judge(_ store: OpaquePointer?) -> Int32 {
    let session = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()).map(OpaquePointer.init)
    guard let handshake = Handshake.of(session) as? MeshHandshake else { return 0 }
    let stack = X509_STORE_CTX_get0_untrusted(store)
    let count = stack == nil ? 0 : weft_certificate_count(stack)
    // One above what is taken is enough to see that it is too many.
    var shown: [CertificateView] = []
    for index in 0..<min(max(count, 0), Int32(CertificateLimit.chain + 1)) {
      if let certificate = weft_certificate(stack, index) { shown.append(CertificateView(pointer: certificate)) }
    }
    guard handshake.judge(shown) else {
      X509_STORE_CTX_set_error(store, handshake.peerFault?.verifyCode ?? X509_V_ERR_UNSPECIFIED)
      return 0
    }
    X509_STORE_CTX_set_error(store, X509_V_OK)
    return 1
  }
}
