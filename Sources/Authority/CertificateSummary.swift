internal import SwiftASN1
internal import X509

/// What people are shown of a certificate.
public struct CertificateSummary: Hashable, Sendable {
  /// Its subject as RFC 4514 writes it; empty for leaves.
  public let subject: String
  /// Its URI name; empty where it has none or several.
  public let spiffeID: String
  /// Its serial number, in hexadecimal digits.
  public let serial: String
  /// SHA-256 of its DER, in hexadecimal digits.
  public let sha256: String
  /// From this second on, since 1970.
  public let notBefore_s: Int64
  /// To this second.
  public let notAfter_s: Int64
  /// Itself, to be pasted.
  public let pem: String

  /// Of a certificate's DER; nil where it is none.
  public init?(der: [UInt8]) {
    guard let stored = StoredCertificate(der: der) else { return nil }
    subject = "\(stored.certificate.subject)"
    spiffeID = stored.uris.flatMap { $0.count == 1 ? $0[0] : nil } ?? ""
    serial = hexadecimal(stored.certificate.serialNumber.bytes)
    sha256 = hexadecimal(stored.fingerprint[...])
    notBefore_s = stored.notBefore_s
    notAfter_s = stored.notAfter_s
    pem = PEMDocument(type: "CERTIFICATE", derBytes: der).pemString + "\n"
  }
}

/// Two lower-case digits for each byte.
func hexadecimal(_ bytes: ArraySlice<UInt8>) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
