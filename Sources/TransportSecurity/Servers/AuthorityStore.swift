internal import COpenSSL

// @unchecked: OpenSSL takes its own lock where a chain is searched for in a store, and nothing is added to this one later.
/// The authorities that servers outside the mesh must be vouched for by. All workers share one.
public final class AuthorityStore: @unchecked Sendable {
  let pointer: OpaquePointer

  /// Authorities in one file at most: as many as hosts trust, several times over.
  static let limit = 1_000

  /// Takes certificates in PEM, one behind the other.
  public init(pem: [UInt8]) throws(TransportSecurityError) {
    let certificates = try PEM.certificates(pem, limit: Self.limit)
    guard let store = X509_STORE_new() else { throw .taken() }
    pointer = store
    for certificate in certificates {
      guard X509_STORE_add_cert(store, certificate.pointer) == 1 else { throw .taken() }
    }
    // Whatever stands in the file is trusted, also an authority that another one has signed.
    guard X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN)) == 1 else { throw .taken() }
  }

  /// Those that the host trusts, where OpenSSL finds them (SSL_CERT_FILE and SSL_CERT_DIR lead it elsewhere).
  public init(ofHost: Void) throws(TransportSecurityError) {
    guard let store = X509_STORE_new() else { throw .taken() }
    pointer = store
    guard X509_STORE_set_default_paths(store) == 1 else { throw .taken() }
    ERR_clear_error()
  }

  deinit { X509_STORE_free(pointer) }
}
