internal import COpenSSL
public import MeshModel

// @unchecked: the pointers never change, and OpenSSL lets any number of contexts and threads sign with one key.
/// What this side shows and proves in handshakes: a chain of certificates and the private key of its leaf.
public final class OwnIdentity: @unchecked Sendable {
  /// Who this side is.
  public let spiffeID: SPIFFEID
  /// When its certificate begins to be valid, in seconds since 1970.
  public let notBefore_s: Int64
  /// When its certificate expires, in seconds since 1970.
  public let notAfter_s: Int64
  let chain: [Certificate]
  let key: OpaquePointer

  /// Takes DER: the chain, the leaf first and without the root, and a PKCS #8 key, of which no copy is kept but
  /// OpenSSL's. What peers would refuse whenever they see it is refused here; times are theirs to judge.
  public init(chain ders: [[UInt8]], key der: [UInt8], in trustDomain: TrustDomain) throws(TransportSecurityError) {
    guard (1...CertificateLimit.chain).contains(ders.count) else { throw .chainLength(ders.count) }
    var chain: [Certificate] = []
    for (index, der) in ders.enumerated() {
      guard let certificate = Certificate(der: der) else { throw .certificate(at: index) }
      chain.append(certificate)
    }
    let leaf = CertificateView(pointer: chain[0].pointer)
    do throws(PeerFault) {
      try leaf.checkForm(at: 0)
      try leaf.checkLeaf()
      let identity = try leaf.identity(in: trustDomain)
      guard let begins_s = leaf.notBefore_s else { throw PeerFault(.malformed) }
      (spiffeID, notBefore_s, notAfter_s) = (identity.spiffeID, begins_s, identity.notAfter_s)
    } catch { throw .leaf(error) }
    guard let key = Self.key(der) else { throw .key }
    guard X509_check_private_key(chain[0].pointer, key) == 1 else {
      EVP_PKEY_free(key)
      ERR_clear_error()
      throw .otherKey
    }
    self.chain = chain
    self.key = key
  }

  deinit { EVP_PKEY_free(key) }

  private static func key(_ der: [UInt8]) -> OpaquePointer? {
    defer { ERR_clear_error() }
    return der.withUnsafeBufferPointer { bytes in
      var next = bytes.baseAddress
      guard let info = d2i_PKCS8_PRIV_KEY_INFO(nil, &next, bytes.count) else { return nil }
      defer { PKCS8_PRIV_KEY_INFO_free(info) }
      return EVP_PKCS82PKEY(info)
    }
  }
}
