internal import COpenSSL

/// Sessions with servers outside the mesh that may be taken up again, one for each that is asked for; a worker's own, and of
/// one context, so of one set of authorities and one certificate.
final class ServerResumption {
  /// Servers that are remembered. A session has 1 to 4 KB.
  static let servers = 256

  private var sessions: [ServerExpectation: OpaquePointer] = [:]
  /// In the order in which they came; the oldest goes first.
  private var order: [ServerExpectation] = []

  deinit { for session in sessions.values { SSL_SESSION_free(session) } }

  /// Keeps a session, which it owns from here on, in place of an older one.
  func keep(_ session: OpaquePointer, of server: ServerExpectation) {
    if let older = sessions.updateValue(session, forKey: server) {
      SSL_SESSION_free(older)
      return
    }
    order.append(server)
    guard order.count > Self.servers else { return }
    if let oldest = sessions.removeValue(forKey: order.removeFirst()) { SSL_SESSION_free(oldest) }
  }

  /// The session to take up; the caller owns it. A ticket of TLS 1.3 is given out once (RFC 8446 appendix C.4); servers of
  /// 1.2 send no other one. One whose server's certificate has run out is let go of: it would be refused, where the
  /// certificate that the server has by now may be believed.
  func take(_ server: ServerExpectation, now_s: Int64) -> OpaquePointer? {
    guard let session = sessions[server] else { return nil }
    let ends_s = SSL_SESSION_get0_peer(session).flatMap { CertificateView(pointer: $0).notAfter_s }
    let isOver = ends_s.map { now_s > $0 } ?? false
    if !isOver, SSL_SESSION_get_protocol_version(session) < TLS1_3_VERSION, SSL_SESSION_up_ref(session) == 1 {
      return session
    }
    sessions[server] = nil
    if let index = order.firstIndex(of: server) { order.remove(at: index) }
    guard !isOver else {
      SSL_SESSION_free(session)
      return nil
    }
    return session
  }
}
