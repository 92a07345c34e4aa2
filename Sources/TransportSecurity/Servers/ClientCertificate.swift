internal import COpenSSL

// @unchecked: the pointers never change, and OpenSSL lets any number of contexts and threads sign with one key.
/// What a proxy shows of itself to a server outside the mesh, from files.
public final class ClientCertificate: @unchecked Sendable {
  let chain: [Certificate]
  let key: OpaquePointer

  /// Certificates of one chain at most: OpenSSL's servers take no longer one by default.
  static let limit = 10

  /// Takes PEM: the chain, the leaf first, and its key.
  public init(chain chainText: [UInt8], key keyText: [UInt8]) throws(TransportSecurityError) {
    chain = try PEM.certificates(chainText, limit: Self.limit + 1)
    key = try PEM.key(keyText)
    guard X509_check_private_key(chain[0].pointer, key) == 1 else {
      ERR_clear_error()
      throw .otherKey
    }
  }

  deinit { EVP_PKEY_free(key) }
}
