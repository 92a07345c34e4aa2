/// All that documents say of requests, beside what NetworkPolicies say of connections: part of every snapshot.
public struct MeshConfiguration: Hashable, Sendable {
  /// What can be dialled by name. This and every other list of a snapshot is ordered by namespace, then name, each pair
  /// once.
  public var services: [Service]
  /// Where requests go.
  public var routes: [HTTPRoute]
  /// Who may ask what.
  public var authorizations: [AuthorizationPolicy]
  /// Which tokens are accepted.
  public var authentications: [RequestAuthentication]
  /// Who must show an identity.
  public var peerAuthentications: [PeerAuthentication]
  /// Faults, limits, and the choice of endpoints.
  public var traffic: [TrafficPolicy]
  /// What is recorded.
  public var telemetry: [TelemetryPolicy]
  /// What becomes of the unknown.
  public var sidecars: [SidecarPolicy]

  /// A configuration; by default of nothing.
  public init(
    services: [Service] = [],
    routes: [HTTPRoute] = [],
    authorizations: [AuthorizationPolicy] = [],
    authentications: [RequestAuthentication] = [],
    peerAuthentications: [PeerAuthentication] = [],
    traffic: [TrafficPolicy] = [],
    telemetry: [TelemetryPolicy] = [],
    sidecars: [SidecarPolicy] = []
  ) {
    self.services = services
    self.routes = routes
    self.authorizations = authorizations
    self.authentications = authentications
    self.peerAuthentications = peerAuthentications
    self.traffic = traffic
    self.telemetry = telemetry
    self.sidecars = sidecars
  }

  /// No document.
  public static let empty = MeshConfiguration()
}
