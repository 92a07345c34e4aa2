internal import COpenSSL
internal import Glibc
internal import MeshModel

/// A handshake with a server outside the mesh: its chain is judged by OpenSSL (RFC 5280 section 6), its names here.
final class ServerHandshake: Handshake {
  private let wanted: ServerExpectation
  private let resumption: ServerResumption
  private var refusal: ServerFault?

  override var fault: TLSFault? { refusal.map(TLSFault.server) }

  init(_ wanted: ServerExpectation, _ resumption: ServerResumption) {
    self.wanted = wanted
    self.resumption = resumption
  }

  /// Judges what the server has shown.
  static func judge(_ store: OpaquePointer?) -> Int32 {
    let session = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()).map(OpaquePointer.init)
    guard let handshake = Handshake.of(session) as? ServerHandshake else { return 0 }
    guard handshake.wanted.isVerified else { return 1 }
    X509_STORE_CTX_set_time(store, 0, time_t(handshake.now_s))
    guard X509_verify_cert(store) == 1 else {
      let code = X509_STORE_CTX_get_error(store)
      handshake.refusal = ServerFault(
        code == X509_V_OK ? X509_V_ERR_UNSPECIFIED : code,
        at: X509_STORE_CTX_get_error_depth(store)
      )
      return 0
    }
    guard let fault = handshake.fault(of: X509_STORE_CTX_get0_cert(store)) else { return 1 }
    handshake.refusal = fault
    X509_STORE_CTX_set_error(store, fault.code)
    return 0
  }

  override func judgeResumed(_ leaf: CertificateView?) -> Bool {
    guard wanted.isVerified else { return true }
    guard let leaf, let begins_s = leaf.notBefore_s, let ends_s = leaf.notAfter_s else {
      refusal = ServerFault(X509_V_ERR_UNSPECIFIED, at: 0)
      return false
    }
    if now_s > ends_s { refusal = ServerFault(X509_V_ERR_CERT_HAS_EXPIRED, at: 0) }
    if now_s < begins_s { refusal = ServerFault(X509_V_ERR_CERT_NOT_YET_VALID, at: 0) }
    if refusal == nil { refusal = fault(of: leaf.pointer) }
    return refusal == nil
  }

  override func earlierSession() -> OpaquePointer? { resumption.take(wanted, now_s: now_s) }

  override func keep(_ ticket: OpaquePointer) -> Bool {
    resumption.keep(ticket, of: wanted)
    return true
  }

  /// What is wrong with whom a certificate names.
  private func fault(of certificate: OpaquePointer?) -> ServerFault? {
    guard !wanted.names.isEmpty else { return .nameless }
    guard let certificate else { return ServerFault(X509_V_ERR_UNSPECIFIED, at: 0) }
    defer { ERR_clear_error() }
    // One that begins with a dot would mean every name below it (X509_check_host(3)).
    let names = wanted.names.dns.filter { !$0.utf8.starts(with: [UInt8(ascii: ".")]) }
    for name in names where X509_check_host(certificate, name, 0, weft_no_partial_wildcards, nil) == 1 {
      return nil
    }
    for address in wanted.names.addresses where X509_check_ip_asc(certificate, address.description, 0) == 1 {
      return nil
    }
    guard !wanted.names.uris.isEmpty, let shown = CertificateView(pointer: certificate).uris else { return .otherName }
    return wanted.names.uris.contains { shown.contains($0) } ? nil : .otherName
  }
}
