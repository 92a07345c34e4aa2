internal import COpenSSL

/// Why the certificates of a server outside the mesh are not believed: which of them, and which check.
public struct ServerFault: Error, Hashable, Sendable, BitwiseCopyable {
  /// OpenSSL's name of the check, X509_V_ERR_... (x509_vfy.h).
  public let code: Int32
  /// Which certificate, the server's own being 0.
  public let certificate: UInt8

  /// The server's certificate has none of the names that it must have.
  static let otherName = ServerFault(X509_V_ERR_HOSTNAME_MISMATCH, at: 0)
  /// Nobody says whom it must be.
  public static let nameless = ServerFault(X509_V_ERR_APPLICATION_VERIFICATION, at: 0)

  init(_ code: Int32, at certificate: Int32) {
    self.code = code
    self.certificate = UInt8(clamping: certificate)
  }
}

extension ServerFault: CustomStringConvertible {
  /// One sentence without its full stop: which certificate, what is wrong with it and what to check.
  public var description: String {
    let which = certificate == 0 ? "the server's own certificate" : "certificate \(certificate) of the chain"
    switch code {
    case X509_V_ERR_HOSTNAME_MISMATCH:
      return "\(which) has none of the names that it must have; see subjectAltNames and sni"
    case X509_V_ERR_APPLICATION_VERIFICATION:
      return "nothing says whom it must be, since the client named nobody; write sni or subjectAltNames"
    case X509_V_ERR_CERT_HAS_EXPIRED: return "\(which) has expired; check both clocks"
    case X509_V_ERR_CERT_NOT_YET_VALID: return "\(which) is not valid yet; check both clocks"
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT,
      X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
      X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return "\(which) leads to no authority that is trusted (\(text)); see caCertificates"
    default: return "\(which): \(text)"
    }
  }

  private var text: String { X509_verify_cert_error_string(Int(code)).map { String(cString: $0) } ?? "error \(code)" }
}
