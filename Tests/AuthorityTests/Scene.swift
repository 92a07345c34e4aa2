import Foundation
import MeshModel
import Testing
import WeftTestKit

@testable import Authority

/// What most tests begin with: a mesh, and a moment in it.
enum Scene {
  /// A moment that is nobody's now: 2025-11-24.
  static let start_s: Int64 = 1_764_000_000
  static let hour_s: Int64 = 3_600
  static let day_s: Int64 = 86_400

  static var domain: TrustDomain { get throws { try TrustDomain("mesh.test") } }

  static func authority(now_s: Int64 = start_s) throws -> AuthorityState {
    try AuthorityState(new: domain, now_s: now_s)
  }

  static var web: SPIFFEID { get throws { try .workload(domain, namespace: "shop", serviceAccount: "web") } }

  /// The seconds since 1970 of the machine, for programs that look at its clock.
  static var machine_s: Int64 { Int64(Date().timeIntervalSince1970) }
}

extension AuthorityState {
  /// A certificate for the usual workload.
  func web(_ now_s: Int64, seed: UInt64 = 1) throws -> Identity {
    var random = SplitMix64(seed: seed)
    return try issue(Scene.web, now_s: now_s, using: &random)
  }

  var verifier: PeerVerifier { get throws { try PeerVerifier(bundle) } }
}

extension PeerVerifier {
  /// Why it does not believe `chain`; nil where it does. The proxy's judge must say the same.
  func refusal(_ chain: [[UInt8]], now_s: Int64) -> PeerRefusal? {
    do throws(PeerRefusal) {
      let peer = try verify(chain, now_s: now_s)
      #expect(ProxyVerdict(self, chain, now_s) == .peer(peer.spiffeID, peer.notAfter_s))
    } catch {
      if AuthorityTiming.clock_s.contains(now_s) {
        #expect(ProxyVerdict(self, chain, now_s).agrees(with: error), "\(error)")
      }
      return error
    }
    return nil
  }
}
