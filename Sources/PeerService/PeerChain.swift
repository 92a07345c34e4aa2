internal import Authority
internal import Foundation

/// Verifies what the other side showed, at this moment.
enum PeerChain {
  /// Why a chain is not believed.
  struct Fault: Error, CustomStringConvertible {
    /// Whether this host's clock may be to blame.
    let isClock: Bool
    /// Whether it ends in a root that this host does not know.
    let isForeign: Bool
    let description: String

    /// As the error of who talked to `address`.
    func at(_ address: String) -> PeerError {
      let text = "\(address): \(description)"
      return isClock ? .clock(text) : isForeign ? .foreign(text) : .answer(text)
    }
  }

  static func verified(
    _ chain: [[UInt8]],
    by verifier: PeerVerifier,
    now_s: Int64 = PeerTrust.now_s
  ) throws(Fault) -> PeerIdentity {
    do { return try verifier.verify(chain, now_s: now_s) } catch {
      guard let at = error.certificateOutOfTime else {
        throw Fault(isClock: false, isForeign: error == .foreignRoot, description: "\(error)")
      }
      // The root need not be in the chain; then it is the bundle's that is out of its time.
      let candidates = at < chain.count ? [chain[at]] : verifier.bundle.roots
      let read = candidates.lazy.compactMap(CertificateSummary.init(der:))
      guard let certificate = read.first(where: { now_s < $0.notBefore_s || $0.notAfter_s < now_s }) else {
        throw Fault(isClock: true, isForeign: false, description: "\(error)")
      }
      throw Fault(
        isClock: true,
        isForeign: false,
        description: """
          check this host's clock: the certificate of \(certificate.spiffeID) is valid from \
          \(text(certificate.notBefore_s)) to \(text(certificate.notAfter_s)), and it is \(text(now_s)) here
          """
      )
    }
  }

  /// A moment as people read it: UTC, ISO 8601.
  private static func text(_ time_s: Int64) -> String {
    Date(timeIntervalSince1970: TimeInterval(time_s)).formatted(.iso8601)
  }
}

extension PeerRefusal {
  /// Which certificate is out of its time, if it is that.
  fileprivate var certificateOutOfTime: Int? {
    switch self {
    case .expired(let at, _), .notYetValid(let at, _): at
    default: nil
    }
  }
}
