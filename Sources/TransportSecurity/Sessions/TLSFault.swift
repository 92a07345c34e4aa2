/// Why a session ended before its time, and by which side.
public enum TLSFault: Error, Hashable, Sendable, BitwiseCopyable {
  /// This side does not believe the peer's certificates.
  case peer(PeerFault)
  /// This side does not believe the certificates of a server outside the mesh.
  case server(ServerFault)
  /// The peer ended it with this alert (RFC 8446 section 6): it does not believe ours, or does not understand us.
  case alert(UInt8)
  /// The peer broke the protocol, or has nothing in common with us; the value is OpenSSL's reason (ssl_err.h).
  case violation(Int32)
  /// Something failed on this side that is not the peer's fault: memory, or a key.
  case own
}

extension TLSFault {
  /// The alert of a side that speaks nothing of what it was asked for (RFC 7301 section 3.2).
  public static let noApplicationProtocol: UInt8 = 120
}

extension TLSFault: CustomStringConvertible {
  /// One sentence without its full stop: which side refused, what, and what to check.
  public var description: String {
    switch self {
    case .server(let fault): "the server's certificates were refused here: \(fault)"
    case .peer(let fault): "the peer's certificates were refused here: \(fault)"
    case .alert(let code): "the peer refused: \(Self.name(alert: code))"
    case .violation(let reason): "the peer's bytes are no TLS that is spoken here: \(Self.text(reason))"
    case .own: "this side could not go on; is there memory?"
    }
  }

  /// The alerts that tell an operator what to look at (RFC 8446 section 6.2).
  private static func name(alert code: UInt8) -> String {
    switch code {
    case 40: "no parameters in common (handshake_failure)"
    case 42: "our certificate is broken (bad_certificate)"
    case 43: "our certificate is of a kind that it does not take (unsupported_certificate)"
    case 44: "our certificate is revoked (certificate_revoked)"
    case 45: "our certificate has expired; check both clocks and our renewal (certificate_expired)"
    case 46: "something about our certificate (certificate_unknown)"
    case 48: "it does not know our root; another mesh, or its bundle is out of date (unknown_ca)"
    case 49: "we are not who may connect (access_denied)"
    case 51: "a signature of ours is wrong (decrypt_error)"
    case 70: "our version of TLS (protocol_version)"
    case 80: "it has an error of its own (internal_error)"
    case 112: "it does not know the name we asked for (unrecognized_name)"
    case 116: "it wants a certificate (certificate_required)"
    case noApplicationProtocol: "it does not speak HTTP/2 there (no_application_protocol)"
    default: "alert \(code)"
    }
  }
}
