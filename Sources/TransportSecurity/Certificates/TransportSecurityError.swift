internal import COpenSSL

/// What could not be made of certificates and keys that this proxy was given. A peer's are judged by `PeerFault`.
public enum TransportSecurityError: Error, Hashable, Sendable {
  /// The chain has this many certificates.
  case chainLength(Int)
  /// Certificate number `at` of the chain is none in DER, or has bytes behind it.
  case certificate(at: Int)
  /// The private key is none in PKCS #8 DER.
  case key
  /// The private key is not the one that the leaf certificate is about.
  case otherKey
  /// The leaf certificate is no identity; the fault says why.
  case leaf(PeerFault)
  /// A bundle has this many roots.
  case bundleLength(Int)
  /// Root number `at` is none in DER, or has not signed itself, or is of another trust domain.
  case root(at: Int)
  /// A file's certificate number `at` cannot be read, is missing, or is one too many.
  case pem(at: Int)
  /// A file has no private key that can be read without a password.
  case pemKey
  /// OpenSSL refused, and this is what it said.
  case library(String)
}

extension TransportSecurityError: CustomStringConvertible {
  /// One sentence without its full stop: what is wrong and what would be right.
  public var description: String {
    switch self {
    case .chainLength(let count):
      "the chain has \(count) certificates; a leaf and at most \(CertificateLimit.chain - 1) more are taken"
    case .certificate(let at): "certificate \(at) of the chain is no certificate in DER"
    case .key: "the private key is none in PKCS #8 DER"
    case .otherKey: "the private key is not the one of the leaf certificate"
    case .leaf(let fault): "the own certificate would be refused by every peer: \(fault)"
    case .bundleLength(let count): "the bundle has \(count) roots; 1 to \(CertificateLimit.roots) are taken"
    case .root(let at): "root \(at) of the bundle is no self-signed authority of its trust domain, in DER"
    case .pem(0): "no certificate in PEM (-----BEGIN CERTIFICATE-----) is in it"
    case .pem(let at): "what follows certificate \(at) in it is no certificate in PEM, or one too many"
    case .pemKey: "no private key in PEM is in it that can be read without a password"
    case .library(let text): "OpenSSL refused: \(text)"
    }
  }

  /// What OpenSSL said last on this thread, whose queue of errors is empty afterwards.
  static func taken() -> TransportSecurityError {
    let code = ERR_peek_error()
    ERR_clear_error()
    guard code != 0 else { return .library("no reason given") }
    // ERR_error_string_n(3) asks for 256 bytes and ends them with a zero.
    var text = [CChar](repeating: 0, count: 256)
    ERR_error_string_n(code, &text, text.count)
    return .library(String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
  }
}
