internal import COpenSSL
public import MeshModel

/// Who may be at the other end.
public enum PeerExpectation: Hashable, Sendable {
  /// Whoever belongs to the trust domain; policies judge him later.
  case member
  /// This one, as an endpoint's identity is known before it is dialled.
  case identity(SPIFFEID)
}

/// What a session's handshake is judged by, and what came of it. OpenSSL's callbacks find it through the session.
class Handshake {
  /// The time by which certificates are judged, in seconds since 1970: that of the call under way.
  var now_s: Int64 = 0
  /// Who the peer is, between proxies.
  var peer: PeerIdentity? { nil }
  /// Why the peer is not believed.
  var fault: TLSFault? { nil }

  /// Whether what vouched for the peer is believed by `trust` as well; between proxies.
  func isTrusted(by trust: PeerTrust) -> Bool { true }

  /// The same of its root alone, whoever has signed in between.
  func isRooted(in trust: PeerTrust) -> Bool { true }

  /// The handshake of a session, for the length of a callback.
  static func of(_ session: OpaquePointer?) -> Handshake? {
    SSL_get_ex_data(session, Int32(weft_app_data)).map {
      Unmanaged<Handshake>.fromOpaque($0).takeUnretainedValue()
    }
  }

  /// Judges again who is taken up from an earlier session, which shows nothing: whether the roots are the same was part
  /// of finding that session; time goes on.
  func judgeResumed(_ leaf: CertificateView?) -> Bool { false }

  /// An earlier session for this one to go on with; the caller owns it.
  func earlierSession() -> OpaquePointer? { nil }

  /// Whether what is spoken inside is what both have to speak.
  func isSpoken(_ session: OpaquePointer) -> Bool { true }

  /// Keeps a session that may be taken up again; whether it owns it from here on.
  func keep(_ ticket: OpaquePointer) -> Bool { false }
}

/// That of two proxies, by the mesh's identities.
final class MeshHandshake: Handshake {
  let trust: PeerTrust
  let expected: PeerExpectation
  let resumption: ResumptionCache?
  private var proved: PeerIdentity?
  private(set) var peerFault: PeerFault?
  /// What vouches for the peer; nil where an earlier session was taken up, which shows no chain.
  private var vouchers: PeerTrust.Vouchers?
  /// Until when this side's certificate is good that the peer has seen: of an earlier session that of its first meeting.
  private var ownEnds_s: Int64

  override var peer: PeerIdentity? { proved }
  override var fault: TLSFault? { peerFault.map(TLSFault.peer) }

  init(_ context: borrowing TLSContext, _ expected: PeerExpectation) {
    trust = context.trust
    self.expected = expected
    resumption = context.resumption
    ownEnds_s = context.identity.notAfter_s
  }

  override func earlierSession() -> OpaquePointer? {
    guard case .identity(let peer) = expected, let earlier = resumption?.take(peer, now_s: now_s) else { return nil }
    // Also where the peer does not go on with it: then the next session is only let go of sooner than it has to be.
    ownEnds_s = min(ownEnds_s, earlier.ends_s)
    return earlier.session
  }

  override func isSpoken(_ session: OpaquePointer) -> Bool {
    var (name, count): (UnsafePointer<UInt8>?, UInt32) = (nil, 0)
    SSL_get0_alpn_selected(session, &name, &count)
    return TLSRules.isSpoken(UnsafeRawBufferPointer(start: name, count: Int(count)))
  }

  /// Judges what the peer showed; whether the handshake goes on.
  func judge(_ shown: [CertificateView]) -> Bool {
    do throws(PeerFault) {
      let (peer, vouchers) = try trust.judgeChain(shown, now_s: now_s)
      try admit(peer)
      self.vouchers = vouchers
      return true
    } catch {
      peerFault = error
      return false
    }
  }

  override func judgeResumed(_ leaf: CertificateView?) -> Bool {
    do throws(PeerFault) {
      guard let leaf else { throw PeerFault(.missing) }
      try leaf.checkTime(at: 0, now_s: now_s)
      try admit(try leaf.identity(in: trust.trustDomain))
      return true
    } catch {
      peerFault = error
      return false
    }
  }

  override func keep(_ ticket: OpaquePointer) -> Bool {
    guard let resumption, let proved else { return false }
    resumption.keep(ticket, of: proved.spiffeID, ends_s: min(ownEnds_s, proved.notAfter_s))
    return true
  }

  override func isTrusted(by trust: PeerTrust) -> Bool {
    isRooted(in: trust) && self.trust.isAccepted(by: trust, vouchers)
  }

  override func isRooted(in trust: PeerTrust) -> Bool { self.trust.isContained(in: trust, vouchers) }

  private func admit(_ peer: PeerIdentity) throws(PeerFault) {
    if case .identity(let wanted) = expected, peer.spiffeID != wanted { throw PeerFault(.otherIdentity) }
    proved = peer
  }
}

extension PeerFault {
  /// What OpenSSL makes the alert of that the peer gets (ssl/statem/statem_lib.c, x509err2alert).
  var verifyCode: Int32 {
    switch check {
    case .expired: X509_V_ERR_CERT_HAS_EXPIRED
    case .notYetValid: X509_V_ERR_CERT_NOT_YET_VALID
    case .foreignRoot, .foreignTrustDomain: X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY
    case .signature: X509_V_ERR_CERT_SIGNATURE_FAILURE
    case .length: X509_V_ERR_CERT_CHAIN_TOO_LONG
    case .usage: X509_V_ERR_INVALID_PURPOSE
    case .revoked: X509_V_ERR_CERT_REVOKED
    case .missing, .malformed, .noIdentity, .severalIdentities, .invalidIdentity, .otherIdentity:
      X509_V_ERR_APPLICATION_VERIFICATION
    }
  }
}
