public import MeshModel

/// Who a peer has proved to be.
public struct PeerIdentity: Hashable, Sendable {
  /// Its identity.
  public let spiffeID: SPIFFEID
  /// When its certificate expires, in seconds since 1970.
  public let notAfter_s: Int64
}
