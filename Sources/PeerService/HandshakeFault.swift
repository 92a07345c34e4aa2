/// Why a handshake came to nothing, as far as TLS says: for whoever reads the journal and has to find the program.
struct HandshakeFault: CustomStringConvertible {
  let description: String
  /// Which of the known reasons it is, for a log that tells them apart; empty for any other.
  let kind: String

  /// BoringSSL names reasons in its errors' texts alone (`OPENSSL_internal:REASON`, crypto/err/ssl.errordata).
  private static let known: [(reason: String, text: String)] = [
    ("UNSUPPORTED_PROTOCOL", "it offers TLS 1.2 or older, and only TLS 1.3 is taken"),
    ("WRONG_VERSION_NUMBER", "what it sends is not TLS"),
    ("HTTP_REQUEST", "it sends HTTP without TLS"),
    ("HTTPS_PROXY_REQUEST", "it sends HTTP without TLS"),
    ("EOF during handshake", "it left in the midst of its handshake"),
    ("ALERT_CERTIFICATE_UNKNOWN", "it does not believe this host's certificate"),
    ("ALERT_UNKNOWN_CA", "it does not believe this host's certificate"),
    ("ALERT_BAD_CERTIFICATE", "it does not believe this host's certificate"),
  ]
  /// Characters of an error that is none of these: a line of a journal.
  private static let textCharacters = 200

  init(_ error: any Error) {
    let text = "\(error)"
    let known = Self.known.first { text.contains($0.reason) }
    kind = known?.reason ?? ""
    description = known?.text ?? "its handshake failed: \(text.prefix(Self.textCharacters))"
  }
}
