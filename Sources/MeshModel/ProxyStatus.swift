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
