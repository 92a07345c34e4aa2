/// What of a configuration is other than it was: what there is now under each `namespace/name`, of routes under each key, and
/// nil where nothing is any more. Services are not in it.
public struct ConfigurationChange: Hashable, Sendable {
  /// Who may connect to whom.
  public var policies: [String: NetworkPolicy?] = [:]
  /// Where requests go.
  public var routes: [String: HTTPRoute?] = [:]
  /// Who may ask what.
  public var authorizations: [String: AuthorizationPolicy?] = [:]
  /// Which tokens are accepted.
  public var authentications: [String: RequestAuthentication?] = [:]
  /// Who must show an identity.
  public var peerAuthentications: [String: PeerAuthentication?] = [:]
  /// Faults, limits, and the choice of endpoints.
  public var traffic: [String: TrafficPolicy?] = [:]
  /// What is recorded.
  public var telemetry: [String: TelemetryPolicy?] = [:]
  /// What becomes of the unknown.
  public var sidecars: [String: SidecarPolicy?] = [:]

  /// No change.
  public init() {}

  /// Whether nothing is other than it was.
  public var isEmpty: Bool { self == ConfigurationChange() }

  /// This change and one after it, as one.
  public mutating func add(_ later: ConfigurationChange) {
    policies.merge(later.policies) { _, last in last }
    routes.merge(later.routes) { _, last in last }
    authorizations.merge(later.authorizations) { _, last in last }
    authentications.merge(later.authentications) { _, last in last }
    peerAuthentications.merge(later.peerAuthentications) { _, last in last }
    traffic.merge(later.traffic) { _, last in last }
    telemetry.merge(later.telemetry) { _, last in last }
    sidecars.merge(later.sidecars) { _, last in last }
  }

  /// What has to be changed of what `before` holds for it to be what `after` holds.
  public init(from before: ConfigurationChange, to after: ConfigurationChange) {
    policies = Self.differences(before.policies, after.policies)
    routes = Self.differences(before.routes, after.routes)
    authorizations = Self.differences(before.authorizations, after.authorizations)
    authentications = Self.differences(before.authentications, after.authentications)
    peerAuthentications = Self.differences(before.peerAuthentications, after.peerAuthentications)
    traffic = Self.differences(before.traffic, after.traffic)
    telemetry = Self.differences(before.telemetry, after.telemetry)
    sidecars = Self.differences(before.sidecars, after.sidecars)
  }

  private static func differences<Value: Equatable>(
    _ before: [String: Value?],
    _ after: [String: Value?]
  ) -> [String: Value?] {
    var differences = after.filter { name, value in (before[name] ?? nil) != value }
    for (name, value) in before where value != nil && after[name] == nil { differences[name] = .some(nil) }
    return differences
  }
}
