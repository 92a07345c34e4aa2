internal import COpenSSL
internal import Glibc

// @unchecked: the pointer never changes; OpenSSL parses extensions into the certificate under its own lock.
/// An X.509 certificate; it owns OpenSSL's.
final class Certificate: @unchecked Sendable {
  let pointer: OpaquePointer

  /// Reads DER, all of it; nil where it is anything else.
  init?(der: [UInt8]) {
    let made = der.withUnsafeBufferPointer { bytes -> OpaquePointer? in
      var next = bytes.baseAddress
      guard let certificate = d2i_X509(nil, &next, bytes.count) else { return nil }
      guard next == bytes.baseAddress.map({ $0 + bytes.count }) else {
        X509_free(certificate)
        return nil
      }
      return certificate
    }
    ERR_clear_error()
    guard let made else { return nil }
    pointer = made
  }

  /// Takes over one that OpenSSL has made.
  init(owning pointer: OpaquePointer) { self.pointer = pointer }

  deinit { X509_free(pointer) }
}

/// What is asked of a certificate that somebody else owns, for as long as the call takes.
struct CertificateView {
  let pointer: OpaquePointer

  /// X509_get_extension_flags(3), parsed once and kept by OpenSSL.
  var flags: Int32 { Int32(bitPattern: X509_get_extension_flags(pointer)) }

  /// Whether its issuer, by name and by key, is `issuer`.
  func isSigned(by issuer: CertificateView) -> Bool {
    defer { ERR_clear_error() }
    guard Self.areSame(X509_get_issuer_name(pointer), X509_get_subject_name(issuer.pointer)),
      let key = X509_get0_pubkey(issuer.pointer)
    else { return false }
    return X509_verify(pointer, key) == 1
  }

  /// Whether two names are the same bytes. X509_NAME_cmp(3) takes upper case for lower.
  private static func areSame(_ left: OpaquePointer?, _ right: OpaquePointer?) -> Bool {
    var (one, other): (UnsafePointer<UInt8>?, UnsafePointer<UInt8>?) = (nil, nil)
    var (oneCount, otherCount) = (0, 0)
    guard X509_NAME_get0_der(left, &one, &oneCount) == 1, X509_NAME_get0_der(right, &other, &otherCount) == 1 else {
      return false
    }
    return UnsafeRawBufferPointer(start: one, count: oneCount)
      .elementsEqual(UnsafeRawBufferPointer(start: other, count: otherCount))
  }

  func isSame(as other: CertificateView) -> Bool { X509_cmp(pointer, other.pointer) == 0 }

  /// Its times in seconds since 1970; nil where they cannot be read.
  var notBefore_s: Int64? { Self.seconds(X509_get0_notBefore(pointer)) }
  var notAfter_s: Int64? { Self.seconds(X509_get0_notAfter(pointer)) }

  private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64? {
    var parts = tm()
    guard ASN1_TIME_to_tm(time, &parts) == 1 else { return nil }
    return Int64(timegm(&parts))
  }

  /// Whether its key is on P-256 or P-384, the curves that every peer takes.
  var hasUsualKey: Bool {
    guard let key = X509_get0_pubkey(pointer), EVP_PKEY_get_base_id(key) == EVP_PKEY_EC else { return false }
    var name = [CChar](repeating: 0, count: 32)
    guard EVP_PKEY_get_group_name(key, &name, name.count, nil) == 1 else { return false }
    let group = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return group == "prime256v1" || group == "secp384r1"
  }

  /// Whether it has the extension, and whether that is critical.
  func has(_ extensionID: Int32) -> (present: Bool, critical: Bool) {
    let index = X509_get_ext_by_NID(pointer, extensionID, -1)
    guard index >= 0 else { return (false, false) }
    return (true, X509_EXTENSION_get_critical(X509_get_ext(pointer, index)) == 1)
  }

  /// Whether a critical extension is none of those that are judged here.
  var hasUnknownCritical: Bool {
    for index in 0..<X509_get_ext_count(pointer) {
      let item = X509_get_ext(pointer, index)
      guard X509_EXTENSION_get_critical(item) == 1 else { continue }
      switch OBJ_obj2nid(X509_EXTENSION_get_object(item)) {
      case NID_basic_constraints, NID_key_usage, NID_ext_key_usage, NID_subject_alt_name: continue
      default: return true
      }
    }
    return false
  }

  /// The fingerprint of the host's key that it is made out to, of an intermediate that is not the root's holder's: its one
  /// organizational unit (docs/identity.md); nil for all others.
  var delegate: [UInt8]? {
    guard let subject = X509_get_subject_name(pointer) else { return nil }
    let first = X509_NAME_get_index_by_NID(subject, NID_organizationalUnitName, -1)
    guard first >= 0, X509_NAME_get_index_by_NID(subject, NID_organizationalUnitName, first) < 0,
      let text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, first)), ASN1_STRING_length(text) == 64,
      let digits = ASN1_STRING_get0_data(text)
    else { return nil }
    var bytes: [UInt8] = []
    for index in 0..<32 {
      let pair = String(decoding: UnsafeBufferPointer(start: digits + 2 * index, count: 2), as: UTF8.self)
      guard let byte = UInt8(pair, radix: 16) else { return nil }
      bytes.append(byte)
    }
    return bytes
  }

  /// Its URI names as they stand; nil where its names cannot be read, or one of them is no UTF-8.
  var uris: [String]? {
    guard has(NID_subject_alt_name).present else { return [] }
    var critical: Int32 = 0
    guard let names = X509_get_ext_d2i(pointer, NID_subject_alt_name, &critical, nil).map(OpaquePointer.init) else {
      ERR_clear_error()
      return nil
    }
    defer { GENERAL_NAMES_free(names) }
    var found: [String] = []
    for index in 0..<weft_name_count(names) {
      var count: Int32 = 0
      guard let bytes = weft_name_uri(names, index, &count) else { continue }
      let buffer = UnsafeBufferPointer(start: bytes, count: Int(count))
      guard let text = String(validating: buffer, as: UTF8.self) else { return nil }
      found.append(text)
    }
    return found
  }
}
