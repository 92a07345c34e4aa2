internal import COpenSSL

extension TLSFault {
  /// The other side asks for new keys again and again, and reads no answer (RFC 8446 section 4.6.3).
  public static var keyUpdateFlood: TLSFault { .violation(SSL_R_TOO_MANY_KEY_UPDATES) }

  /// What OpenSSL's queue of errors says of this thread's last call, which is empty afterwards.
  static func taken() -> TLSFault {
    let code = ERR_peek_error()
    defer { ERR_clear_error() }
    // ERR_GET_LIB and ERR_GET_REASON (err.h): 8 bits of library above 23 of reason; system errors have the top bit.
    let library = (code >> 23) & 0xFF
    let reason = Int32(code & 0x7F_FFFF)
    guard code != 0, code & 0x8000_0000 == 0, library == UInt(ERR_LIB_SSL) else { return .own }
    // Alerts that came are told as their number above this one (ssl.h).
    if reason >= SSL_AD_REASON_OFFSET, reason <= SSL_AD_REASON_OFFSET + 255 {
      return .alert(UInt8(reason - SSL_AD_REASON_OFFSET))
    }
    if reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE { return .peer(PeerFault(.missing)) }
    guard reason != ERR_R_MALLOC_FAILURE, reason != ERR_R_INTERNAL_ERROR else { return .own }
    return .violation(reason)
  }

  static func text(_ reason: Int32) -> String {
    ERR_reason_error_string(UInt(ERR_LIB_SSL) << 23 | UInt(reason)).map { String(cString: $0) } ?? "reason \(reason)"
  }
}
