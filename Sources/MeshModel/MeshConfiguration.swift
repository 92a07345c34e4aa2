/// All that documents say of requests, beside what NetworkPolicies say of connections: part of every snapshot.
public struct MeshConfiguration: Hashable, Sendable {
  /// Every list is ordered by namespace, then name, each pair once.
  public var services: [Service]
  public var routes: [HTTPRoute]
  public var authorizations: [AuthorizationPolicy]
  public var authentications: [RequestAuthentication]
  public var traffic: [TrafficPolicy]
  public var telemetry: [TelemetryPolicy]
  public var sidecars: [SidecarPolicy]

  /// A configuration; by default of nothing.
  public init(
    services: [Service] = [],
    routes: [HTTPRoute] = [],
    authorizations: [AuthorizationPolicy] = [],
    authentications: [RequestAuthentication] = [],
    traffic: [TrafficPolicy] = [],
    telemetry: [TelemetryPolicy] = [],
    sidecars: [SidecarPolicy] = []
  ) {
    self.services = services
    self.routes = routes
    self.authorizations = authorizations
    self.authentications = authentications
    self.traffic = traffic
    self.telemetry = telemetry
    self.sidecars = sidecars
  }

  /// No document.
  public static let empty = MeshConfiguration()
}
