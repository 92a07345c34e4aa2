internal import COpenSSL

/// Certificates and keys as files have them (RFC 7468).
enum PEM {
  /// The certificates in a file, at least one.
  static func certificates(_ text: [UInt8], limit: Int) throws(TransportSecurityError) -> [Certificate] {
    defer { ERR_clear_error() }
    var found: [Certificate] = []
    let isWhole = reading(text) { bio in
      ERR_clear_error()
      while found.count < limit, let pointer = PEM_read_bio_X509(bio, nil, noPassword, nil) {
        found.append(Certificate(owning: pointer))
      }
      // It ends where there is no further one; else something stands there that cannot be read.
      return found.count < limit && Int32(ERR_peek_last_error() & 0x7F_FFFF) == PEM_R_NO_START_LINE
    }
    guard isWhole == true, !found.isEmpty else { throw .pem(at: found.count) }
    return found
  }

  /// The private key in a file, which the caller owns.
  static func key(_ text: [UInt8]) throws(TransportSecurityError) -> OpaquePointer {
    defer { ERR_clear_error() }
    guard let key = reading(text, { PEM_read_bio_PrivateKey($0, nil, noPassword, nil) }) ?? nil else { throw .pemKey }
    return key
  }

  /// A BIO that reads `text` where it lies, for the length of a call.
  private static func reading<Result>(_ text: [UInt8], _ body: (OpaquePointer) -> Result) -> Result? {
    text.withUnsafeBytes { bytes in
      guard let bio = BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)) else { return nil }
      defer { BIO_free(bio) }
      return body(bio)
    }
  }

  /// OpenSSL would ask the terminal for the password of an encrypted file.
  private static let noPassword:
    @convention(c) (UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?) ->
      Int32 = { _, _, _, _ in -1 }
}
