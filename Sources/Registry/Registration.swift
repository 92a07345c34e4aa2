public import MeshModel

/// What a program of this host says of itself, or a person of it: one instance of a service.
public struct Registration: Hashable, Sendable {
  /// The service.
  public var key: Key
  /// Its ports, each number once.
  public var ports: [Port]
  /// Where it listens; the host's own addresses where none is given.
  public var addresses: [IPAddress]
  /// Labels by which policies select it.
  public var labels: [String: String]
  /// The account of its identity (`spiffe://<trust domain>/ns/<namespace>/sa/<service account>`).
  public var serviceAccount: String
  /// What must pass for it to be given work; without any it always is.
  public var checks: [HealthCheck]

  /// The account of a workload that names none, as in Kubernetes.
  public static let defaultServiceAccount = "default"

  /// A registration, not checked yet; see `validate`.
  public init(
    _ key: Key,
    ports: [Port],
    addresses: [IPAddress] = [],
    labels: [String: String] = [:],
    serviceAccount: String = Self.defaultServiceAccount,
    checks: [HealthCheck] = []
  ) {
    self.key = key
    self.ports = ports
    self.addresses = addresses
    self.labels = labels
    self.serviceAccount = serviceAccount
    self.checks = checks
  }

  /// By what one instance is told from all others of its host.
  public struct Key: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The service's namespace.
    public var namespace: String
    /// The service's name.
    public var name: String
    /// Which instance it is, where a host runs several of one service; empty where it runs one.
    public var instance: String

    /// An instance, by default the only one of its service here.
    public init(namespace: String = Workload.defaultNamespace, name: String, instance: String = "") {
      self.namespace = namespace
      self.name = name
      self.instance = instance
    }

    /// `namespace/name` or `namespace/name/instance`.
    public var description: String { "\(namespace)/\(name)" + (instance.isEmpty ? "" : "/\(instance)") }

    /// By namespace, name and instance.
    public static func < (left: Key, right: Key) -> Bool {
      (left.namespace, left.name, left.instance) < (right.namespace, right.name, right.instance)
    }
  }

  /// One port.
  public struct Port: Hashable, Sendable {
    /// Its name; empty where there is one port and it names none.
    public var name: String
    /// The number.
    public var port: UInt16
    /// What is spoken there.
    public var appProtocol: Service.AppProtocol

    /// A port.
    public init(name: String = "", port: UInt16, appProtocol: Service.AppProtocol = .unspecified) {
      self.name = name
      self.port = port
      self.appProtocol = appProtocol
    }
  }
}
