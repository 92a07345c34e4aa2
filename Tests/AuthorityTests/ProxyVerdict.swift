import MeshModel
import Replication

@testable import Authority
@testable import TransportSecurity

/// What the proxy's judge, which reads certificates with OpenSSL, says of a chain.
enum ProxyVerdict: Equatable {
  case peer(SPIFFEID, Int64)
  case fault(PeerFault.Check)
  /// It does not take the bundle.
  case noTrust

  init(_ verifier: PeerVerifier, _ chain: [[UInt8]], _ now_s: Int64) {
    let (bundle, revoked) = (verifier.bundle, verifier.revoked.map(\.bytes))
    guard let trust = try? PeerTrust(bundle.trustDomain, roots: bundle.roots, revoked: revoked) else {
      self = .noTrust
      return
    }
    let shown = chain.map { TransportSecurity.Certificate(der: $0) }
    // A handshake with one that OpenSSL cannot read ends before anything is judged; the count is seen first.
    if !shown.isEmpty, shown.count <= CertificateLimit.chain, shown.contains(where: { $0 == nil }) {
      self = .fault(.malformed)
      return
    }
    do throws(PeerFault) {
      let peer = try withExtendedLifetime(shown) { () throws(PeerFault) in
        try trust.judge(shown.compactMap { $0.map { CertificateView(pointer: $0.pointer) } }, now_s: now_s)
      }
      self = .peer(peer.spiffeID, peer.notAfter_s)
    } catch { self = .fault(error.check) }
  }

  /// Whether it refuses for the same reason. Two parsers differ about where bytes stop making sense: what one of them
  /// cannot read, the other may find wrong later.
  func agrees(with refusal: PeerRefusal) -> Bool {
    guard case .fault(let check) = self else { return false }
    return check == refusal.check || check == .malformed || refusal.check == .malformed
  }
}

extension PeerRefusal {
  /// The proxy's word for it.
  var check: PeerFault.Check {
    switch self {
    case .revoked: .revoked
    case .length(0): .missing
    case .length: .length
    case .malformed: .malformed
    case .badSignature: .signature
    case .foreignRoot: .foreignRoot
    case .expired: .expired
    case .notYetValid: .notYetValid
    case .wrongUsage: .usage
    case .noIdentity: .noIdentity
    case .severalIdentities: .severalIdentities
    case .invalidIdentity: .invalidIdentity
    case .foreignTrustDomain: .foreignTrustDomain
    }
  }
}
