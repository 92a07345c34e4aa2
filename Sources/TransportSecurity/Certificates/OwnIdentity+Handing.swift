internal import COpenSSL

// What an identity goes through that is handed from one process to another: its key is written out once more, and who gets
// it looks at it as a peer would.

extension OwnIdentity {
  /// Lends the private key as PKCS #8 in DER, in memory that is zeroed afterwards. Nil where OpenSSL cannot write it.
  public func withKey<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
    defer { ERR_clear_error() }
    guard let info = EVP_PKEY2PKCS8(key) else { return nil }
    // Zeroes the key in it (pkey_cb in crypto/asn1/p8_pkey.c).
    defer { PKCS8_PRIV_KEY_INFO_free(info) }
    var encoded: UnsafeMutablePointer<UInt8>?
    let count = Int(i2d_PKCS8_PRIV_KEY_INFO(info, &encoded))
    guard count > 0, let encoded else { return nil }
    defer { CRYPTO_clear_free(encoded, count, #file, #line) }
    return body(UnsafeRawBufferPointer(start: encoded, count: count))
  }
}

extension PeerTrust {
  /// Judges `own` as every peer does that believes these roots: chain, time, use and name. `now_s` counts from 1970.
  public func check(_ own: OwnIdentity, now_s: Int64) throws(PeerFault) {
    _ = try judge(own.chain.map { CertificateView(pointer: $0.pointer) }, now_s: now_s)
  }
}
