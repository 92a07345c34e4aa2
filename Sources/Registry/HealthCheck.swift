/// How an instance is known to be well, and when.
public struct HealthCheck: Hashable, Sendable {
  /// By what it is known among the checks of its instance.
  public var name: String
  /// What is done.
  public var kind: Kind
  /// Between two runs, in milliseconds; a TTL check has none.
  public var interval_ms: UInt32
  /// For an answer, in milliseconds.
  public var timeout_ms: UInt32
  /// Passes in a row after which the instance is back.
  public var passes: UInt8
  /// Failures in a row after which it leaves.
  public var failures: UInt8
  /// Whether the instance is given work before anything is known of it. By default it is not, as in Kubernetes and
  /// Consul.
  public var startsPassing: Bool

  /// A check; what is not given is as in Kubernetes (see `CheckTiming`).
  public init(
    name: String = "",
    _ kind: Kind,
    interval_ms: UInt32 = CheckTiming.interval_ms,
    timeout_ms: UInt32? = nil,
    passes: UInt8 = CheckTiming.passes,
    failures: UInt8 = CheckTiming.failures,
    startsPassing: Bool = false
  ) {
    self.name = name
    self.kind = kind
    self.interval_ms = interval_ms
    self.timeout_ms = timeout_ms ?? min(Self.defaultTimeout_ms(kind), interval_ms)
    self.passes = passes
    self.failures = failures
    self.startsPassing = startsPassing
  }

  /// What a check does.
  public enum Kind: Hashable, Sendable {
    /// Connects. `port` is one of the instance's; its first where it is nil.
    case tcp(port: UInt16?)
    /// Asks by GET.
    case http(HTTP)
    /// Asks by `grpc.health.v1.Health/Check`; an empty service name asks about the server as a whole.
    case grpc(port: UInt16?, service: String)
    /// Runs a program: it passes with 0, warns with 1 and fails with anything else (Consul, Nagios).
    case script([String])
    /// The program reports by itself, at least as often as this, in milliseconds.
    case ttl(UInt32)
  }

  /// What an HTTP check asks for.
  public struct HTTP: Hashable, Sendable {
    /// One of the instance's ports; its first where it is nil.
    public var port: UInt16?
    /// The path and query.
    public var path: String
    /// The Host field; the address and port where it is empty.
    public var host: String
    /// Statuses that pass.
    public var statuses: [ClosedRange<UInt16>]

    /// 200 to 399 (Kubernetes).
    public static let defaultStatuses: [ClosedRange<UInt16>] = [200...399]

    /// A request, by default for `/`.
    public init(
      port: UInt16? = nil,
      path: String = "/",
      host: String = "",
      statuses: [ClosedRange<UInt16>] = Self.defaultStatuses
    ) {
      self.port = port
      self.path = path
      self.host = host
      self.statuses = statuses
    }

    /// Whether `status` passes.
    public func passes(_ status: UInt16) -> Bool { statuses.contains { $0.contains(status) } }
  }

  static func defaultTimeout_ms(_ kind: Kind) -> UInt32 {
    if case .script = kind { CheckTiming.scriptTimeout_ms } else { CheckTiming.timeout_ms }
  }

  /// The port that the check names.
  var port: UInt16? {
    switch kind {
    case .tcp(let port), .grpc(let port, _): port
    case .http(let http): http.port
    case .script, .ttl: nil
    }
  }

  /// Whether the program reports by itself.
  public var isTTL: Bool { if case .ttl = kind { true } else { false } }
}

/// How a check went.
public enum CheckOutcome: String, Hashable, Sendable, Codable, CaseIterable {
  case passing
  /// The instance is given work still, and someone should look (Consul).
  case warning
  case failing

  /// By what a script check ended.
  public init(exitStatus: Int32) {
    self = exitStatus == 0 ? .passing : exitStatus == 1 ? .warning : .failing
  }
}
