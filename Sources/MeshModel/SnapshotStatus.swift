/// The policy snapshot that a proxy holds.
public struct SnapshotStatus: Codable, Hashable, Sendable {
  /// Whether there is a snapshot.
  public enum State: String, Codable, Hashable, Sendable {
    /// No snapshot: everything passes.
    case none
    case loaded
  }

  /// Whether there is one.
  public var state: State
  /// The file it was, or would be, loaded from.
  public var path: String?
  /// Its content revision; nil where there is none.
  public var revision: String?
  /// How many policies it holds.
  public var policies: Int
  /// Unix time in milliseconds.
  public var loadedAtMs: Int64?
  /// Why the last reload was refused; nil once a later one succeeded.
  public var lastError: String?
  /// The number of the file's format.
  public var format: Int?
  /// How much of the rest it holds.
  public var mesh: MeshCounts?

  /// The state of a snapshot; by default there is none to tell of.
  public init(
    state: State,
    path: String? = nil,
    revision: String? = nil,
    policies: Int = 0,
    loadedAtMs: Int64? = nil,
    lastError: String? = nil
  ) {
    self.state = state
    self.path = path
    self.revision = revision
    self.policies = policies
    self.loadedAtMs = loadedAtMs
    self.lastError = lastError
  }
}

/// How many documents a snapshot holds of each kind that speaks of requests.
public struct MeshCounts: Codable, Hashable, Sendable {
  /// Services.
  public var services: Int
  /// Endpoints of all services, ready or not; one that answers under several ports of its service is one.
  public var endpoints: Int
  /// HTTPRoutes.
  public var routes: Int
  /// AuthorizationPolicies.
  public var authorizations: Int
  /// Those of them that select the workload.
  public var authorizationsInForce: Int
  /// RequestAuthentications.
  public var authentications: Int
  /// BackendTrafficPolicies.
  public var traffic: Int

  /// What `mesh` holds, seen from `workload`.
  public init(_ mesh: MeshConfiguration, for workload: Workload) {
    services = mesh.services.count
    endpoints = mesh.services.reduce(0) { $0 + $1.distinctEndpoints.count }
    routes = mesh.routes.count
    authorizations = mesh.authorizations.count
    authorizationsInForce = mesh.authorizations.count { $0.selects(workload) }
    authentications = mesh.authentications.count
    traffic = mesh.traffic.count
  }
}
