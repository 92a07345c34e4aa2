internal import COpenSSL
internal import MeshModel

/// Sessions that may be taken up again by a client, one for each peer; a worker's own.
///
/// A session is given out once: two connections that show the same ticket could be told to belong together by whoever
/// listens (RFC 8446 appendix C.4). It belongs to one context, and so to one own identity and one set of roots.
final class ResumptionCache {
  /// Peers that are remembered: as many as a pod usually talks to. A session has 1 to 2 KB.
  static let peers = 256

  private var sessions: [SPIFFEID: OpaquePointer] = [:]
  /// In the order in which they came; the oldest goes first.
  private var order: [SPIFFEID] = []

  deinit { for session in sessions.values { SSL_SESSION_free(session) } }

  /// Keeps a session, which it owns from here on, in place of an older one of that peer.
  func keep(_ session: OpaquePointer, of peer: SPIFFEID) {
    if let older = sessions.updateValue(session, forKey: peer) {
      SSL_SESSION_free(older)
      return
    }
    order.append(peer)
    guard order.count > Self.peers else { return }
    if let oldest = sessions.removeValue(forKey: order.removeFirst()) { SSL_SESSION_free(oldest) }
  }

  /// Takes out the session of a peer; the caller owns it.
  func take(_ peer: SPIFFEID) -> OpaquePointer? {
    guard let session = sessions.removeValue(forKey: peer) else { return nil }
    if let index = order.firstIndex(of: peer) { order.remove(at: index) }
    return session
  }
}
