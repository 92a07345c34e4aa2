import Authority
import MeshModel
import Synchronization

@testable import AgentCore

/// Another host's authority, which may be gone, and whose clock may be off.
final class FakeAuthority: RemoteAuthority {
  struct Gone: Error {}

  private struct State {
    let authority: AuthorityState
    let jwtKeys: JWTSigningKeys
    var isGone = false
    var asked = 0
  }

  private let state: Mutex<State>
  private let clock: @Sendable () -> Int64

  init(_ domain: TrustDomain, clock: @escaping @Sendable () -> Int64) throws {
    self.clock = clock
    state = Mutex(
      State(
        authority: try AuthorityState(new: domain, now_s: clock()),
        jwtKeys: JWTSigningKeys(domain, now_s: clock())
      )
    )
  }

  var asked: Int { state.withLock { $0.asked } }

  func leave() { state.withLock { $0.isGone = true } }

  func comeBack() { state.withLock { $0.isGone = false } }

  func sign(_ id: SPIFFEID, request: [UInt8]) async throws -> [[UInt8]] {
    try state.withLock { state in
      state.asked += 1
      if state.isGone { throw Gone() }
      var random = SystemRandomNumberGenerator()
      return try state.authority.issue(id, request: request, now_s: clock(), using: &random).chain
    }
  }

  func signJWT(_ id: SPIFFEID, for audiences: JWTAudiences) async throws -> SignedJWT {
    try state.withLock { state in
      state.asked += 1
      if state.isGone { throw Gone() }
      return try state.jwtKeys.sign(id, for: audiences, now_s: clock())
    }
  }
}
