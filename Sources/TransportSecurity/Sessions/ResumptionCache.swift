internal import COpenSSL
internal import MeshModel

/// Sessions that may be taken up again by a client, one for each peer; a worker's own.
///
/// A session is given out once: two connections that show the same ticket could be told to belong together by whoever
/// listens (RFC 8446 appendix C.4). It belongs to one context, and so to one own identity and one set of roots.
final class ResumptionCache {
  /// Peers that are remembered: as many as a pod usually talks to. A session has 1 to 2 KB.
  static let peers = 256

  /// A session, and until when all certificates of its first meeting are good, in seconds since 1970.
  struct Kept {
    let session: OpaquePointer
    let ends_s: Int64
  }

  private var sessions: [SPIFFEID: Kept] = [:]
  /// In the order in which they came; the oldest goes first.
  private var order: [SPIFFEID] = []

  deinit { for kept in sessions.values { SSL_SESSION_free(kept.session) } }

  /// Keeps a session, which it owns from here on, in place of an older one of that peer.
  func keep(_ session: OpaquePointer, of peer: SPIFFEID, ends_s: Int64) {
    if let older = sessions.updateValue(Kept(session: session, ends_s: ends_s), forKey: peer) {
      SSL_SESSION_free(older.session)
      return
    }
    order.append(peer)
    guard order.count > Self.peers else { return }
    if let oldest = sessions.removeValue(forKey: order.removeFirst()) { SSL_SESSION_free(oldest.session) }
  }

  /// Takes out the session of a peer; the caller owns it. One whose certificates have run out is let go of: both sides would
  /// refuse it, where by new certificates they believe each other.
  func take(_ peer: SPIFFEID, now_s: Int64) -> Kept? {
    guard let kept = sessions.removeValue(forKey: peer) else { return nil }
    if let index = order.firstIndex(of: peer) { order.remove(at: index) }
    guard now_s <= kept.ends_s else {
      SSL_SESSION_free(kept.session)
      return nil
    }
    return kept
  }
}
