internal import Authority
internal import MeshModel

/// Another host that signs for this one.
protocol RemoteAuthority: Sendable {
  /// The chain for a certificate signing request (DER), leaf first.
  func sign(_ id: SPIFFEID, request: [UInt8]) async throws -> [[UInt8]]
  /// A JWT-SVID.
  func signJWT(_ id: SPIFFEID, for audiences: JWTAudiences) async throws -> SignedJWT
}
