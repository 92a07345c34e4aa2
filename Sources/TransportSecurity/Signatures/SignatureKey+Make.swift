internal import COpenSSL

// OpenSSL 3 makes keys from named parameters; the functions that took RSA and EC_KEY are deprecated.
extension SignatureKey {
  /// An RSA public key from big-endian numbers; nil where OpenSSL refuses them. The caller frees it.
  static func makeRSA(_ modulus: [UInt8], _ exponent: [UInt8]) -> OpaquePointer? {
    guard let n = BN_bin2bn(modulus, CInt(modulus.count), nil) else { return nil }
    defer { BN_free(n) }
    guard let e = BN_bin2bn(exponent, CInt(exponent.count), nil) else { return nil }
    defer { BN_free(e) }
    return make("RSA") { builder in
      OSSL_PARAM_BLD_push_BN(builder, weft_rsa_modulus, n) == 1
        && OSSL_PARAM_BLD_push_BN(builder, weft_rsa_exponent, e) == 1
    }
  }

  /// A P-256 public key from the coordinates of its point; nil where the point is not on the curve. The caller frees it.
  static func makeP256(_ x: [UInt8], _ y: [UInt8]) -> OpaquePointer? {
    // SEC 1 section 2.3.3: 4 says that both coordinates follow.
    let point = [4] + x + y
    return point.withUnsafeBufferPointer { point in
      make("EC") { builder in
        OSSL_PARAM_BLD_push_utf8_string(builder, weft_ec_group, weft_p256, 0) == 1
          && OSSL_PARAM_BLD_push_octet_string(builder, weft_ec_point, point.baseAddress, point.count) == 1
      }
    }
  }

  /// A public key of `type` from the parameters that `push` adds; what they point at must live until this returns.
  private static func make(_ type: String, push: (OpaquePointer) -> Bool) -> OpaquePointer? {
    guard let builder = OSSL_PARAM_BLD_new() else { return nil }
    defer { OSSL_PARAM_BLD_free(builder) }
    guard push(builder), let parameters = OSSL_PARAM_BLD_to_param(builder) else { return nil }
    defer { OSSL_PARAM_free(parameters) }
    guard let context = EVP_PKEY_CTX_new_from_name(nil, type, nil) else { return nil }
    defer { EVP_PKEY_CTX_free(context) }
    var key: OpaquePointer?
    guard EVP_PKEY_fromdata_init(context) == 1,
      EVP_PKEY_fromdata(context, &key, CInt(weft_evp_pkey_public_key), parameters) == 1
    else {
      EVP_PKEY_free(key)
      return nil
    }
    return key
  }
}
