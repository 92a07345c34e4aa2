internal import Foundation
internal import Replication
internal import SwiftASN1
internal import X509

/// A certificate and the bytes that it was read from.
struct StoredCertificate: Sendable {
  let certificate: Certificate
  let der: [UInt8]
  let notBefore_s: Int64
  let notAfter_s: Int64

  /// One that was made here.
  init(_ certificate: Certificate) throws {
    var serializer = DER.Serializer()
    try serializer.serialize(certificate)
    self.init(certificate, der: serializer.serializedBytes)
  }

  /// Reads DER, strictly: version 3, of bounded length, and signed by the algorithm that the signed part names
  /// (RFC 5280 section 4.1.1.2), which the library leaves to its callers.
  init?(der: [UInt8]) {
    guard der.count <= AuthorityLimit.certificateBytes, let certificate = try? Certificate(derEncoded: der),
      certificate.version == .v3, Self.namesOneAlgorithm(der)
    else { return nil }
    self.init(certificate, der: der)
  }

  private init(_ certificate: Certificate, der: [UInt8]) {
    self.certificate = certificate
    self.der = der
    notBefore_s = Int64(certificate.notValidBefore.timeIntervalSince1970)
    notAfter_s = Int64(certificate.notValidAfter.timeIntervalSince1970)
  }

  private static func namesOneAlgorithm(_ der: [UInt8]) -> Bool {
    guard let parts = SignedParts(der: der), case .constructed(let fields) = parts.signed.content else { return false }
    // Version, serial number, signature algorithm: a version 3 certificate names its version.
    return fields.dropFirst(2).first { _ in true }?.encodedBytes == parts.algorithm.encodedBytes
  }

  /// By what certificates signed with its key name it.
  var keyIdentifier: ArraySlice<UInt8> {
    get throws { try certificate.extensions.subjectKeyIdentifier?.keyIdentifier ?? [] }
  }

  /// SHA-256 of the DER.
  var fingerprint: [UInt8] { sha256(der) }

  /// The middle of its life, when it is replaced.
  var halfLife_s: Int64 { notBefore_s + (notAfter_s - notBefore_s) / 2 }

  /// Whether it is within its time, to the second.
  func isValid(at now_s: Int64) -> Bool { notBefore_s <= now_s && now_s <= notAfter_s }

  /// The fingerprint of the host's key that it is made out to, of an intermediate that is not the root's holder's; nil for
  /// all others.
  var delegate: KeyFingerprint? {
    let units = certificate.subject.flatMap { $0 }.filter { $0.type == .RDNAttributeType.organizationalUnitName }
    guard units.count == 1, let digits = String(units[0].value).map({ Array($0.utf8) }), digits.count == 64 else {
      return nil
    }
    let bytes = stride(from: 0, to: 64, by: 2).compactMap {
      UInt8(String(decoding: digits[$0...$0 + 1], as: UTF8.self), radix: 16)
    }
    return KeyFingerprint(bytes)
  }

  /// The texts of its URI names; nil where its names are malformed.
  var uris: [String]? {
    guard let extensions = try? certificate.extensions.subjectAlternativeNames else {
      return certificate.extensions[oid: .X509ExtensionID.subjectAlternativeName] == nil ? [] : nil
    }
    return extensions.compactMap { if case .uniformResourceIdentifier(let text) = $0 { text } else { nil } }
  }
}
