// What a proxy says of itself on its admin socket. `weft` reads what `weft-proxy` writes, so both share these
// shapes; a field that is absent in an older proxy must be optional here.

/// The reply to `GET /v1/status`.
public struct ProxyStatus: Codable, Hashable, Sendable {
  /// Its name, after which its socket is called.
  public var name: String
  /// The release of weft-proxy.
  public var version: String
  /// Its process id, in its own PID namespace.
  public var pid: Int32
  /// The user it runs as.
  public var uid: UInt32
  /// Unix time in milliseconds.
  public var startedAtMs: Int64
  /// Whether it takes connections.
  public var ready: Bool
  /// Whether all its workers still turn.
  public var live: Bool
  /// Whether it finishes what it has and takes nothing new.
  public var draining: Bool
  /// Threads that carry connections.
  public var workers: Int
  /// The policy it decides by.
  public var snapshot: SnapshotStatus
  /// Whom it decides for.
  public var workload: Workload
  /// Where it listens.
  public var listeners: [ListenerStatus]
  /// What it carries and carried.
  public var connections: ConnectionCounts
  /// Where its records go.
  public var journal: JournalStatus
  /// Sentences about what an operator should look at; empty when all is well.
  public var warnings: [String]
  /// Sentences about what is as it was written and may surprise, such as policies that are only tried.
  public var notes: [String]?
  /// Whether what the pod's programs ask for names is answered; nil where the proxy has no part in it.
  public var names: NamesState?
  /// Who it is to other proxies; nil where it has no agent that could say so.
  public var identity: IdentityStatus?

  /// The state of a proxy.
  public init(
    name: String,
    version: String,
    pid: Int32,
    uid: UInt32,
    startedAtMs: Int64,
    ready: Bool,
    live: Bool,
    draining: Bool,
    workers: Int,
    snapshot: SnapshotStatus,
    workload: Workload,
    listeners: [ListenerStatus],
    connections: ConnectionCounts,
    journal: JournalStatus,
    warnings: [String]
  ) {
    self.name = name
    self.version = version
    self.pid = pid
    self.uid = uid
    self.startedAtMs = startedAtMs
    self.ready = ready
    self.live = live
    self.draining = draining
    self.workers = workers
    self.snapshot = snapshot
    self.workload = workload
    self.listeners = listeners
    self.connections = connections
    self.journal = journal
    self.warnings = warnings
  }
}

/// What becomes of what the pod's programs ask for names.
public enum NamesState: String, Codable, Hashable, Sendable {
  /// The host's agent answers on the sockets that the proxy holds.
  case answered
  /// The proxy holds the sockets, and no agent answers.
  case waiting
  /// Another process has the port, such as an agent in the same network namespace.
  case elsewhere
}

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

/// One listening address.
public struct ListenerStatus: Codable, Hashable, Sendable {
  /// What it is for: `outbound`, `inbound`, `health`, `metrics`.
  public var role: String
  /// Where it listens.
  public var address: SocketAddress
  /// Connections accepted on it since the start, by all workers.
  public var accepted: UInt64

  /// A listener.
  public init(role: String, address: SocketAddress, accepted: UInt64 = 0) {
    self.role = role
    self.address = address
    self.accepted = accepted
  }
}

/// How many connections a proxy carries and carried.
public struct ConnectionCounts: Codable, Hashable, Sendable {
  /// Carried now.
  public var open: UInt64
  /// Since the start.
  public var total: UInt64
  /// Refused by policy since the start.
  public var denied: UInt64

  /// Counts since the start.
  public init(open: UInt64, total: UInt64, denied: UInt64 = 0) {
    self.open = open
    self.total = total
    self.denied = denied
  }
}

/// Where a proxy's records go, and what did not get there.
public struct JournalStatus: Codable, Hashable, Sendable {
  /// `journal`, `stderr` or `none`.
  public var mode: String
  /// Records that got there.
  public var sent: UInt64
  /// Records lost because the journal did not keep up.
  public var dropped: UInt64
  /// Records left out because there were too many alike.
  public var rateLimited: UInt64

  /// Counts since the start.
  public init(mode: String, sent: UInt64, dropped: UInt64, rateLimited: UInt64) {
    self.mode = mode
    self.sent = sent
    self.dropped = dropped
    self.rateLimited = rateLimited
  }
}

/// An error reply of the admin socket, with a 4xx status.
public struct AdminError: Error, Codable, Hashable, Sendable, CustomStringConvertible {
  /// What was wrong, as a sentence.
  public var error: String

  /// A refusal.
  public init(_ error: String) { self.error = error }

  /// The sentence.
  public var description: String { error }
}
