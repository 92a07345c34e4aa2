public import MeshModel

/// What the registry has its owner do.
public enum RegistryDirective: Hashable, Sendable {
  /// Tell the mesh of an instance, in place of what was told before.
  case publish(EndpointsRecord)
  /// Tell the mesh that an instance is gone.
  case withdraw(Registration.Key)
  /// Run a check and give its result to `RegistryState.checkResult`.
  case runCheck(CheckRun)
  /// Write down what is to be there after a restart, in place of what was written of the same key.
  case persist(RegistryRecord)
  /// Strike what was written of a key.
  case forget(Registration.Key)
}

/// One instance as the mesh is told of it.
public struct EndpointsRecord: Hashable, Sendable {
  /// Which instance.
  public var key: Registration.Key
  /// Its ports.
  public var ports: [Registration.Port]
  /// Where it listens.
  public var addresses: [IPAddress]
  /// Labels by which policies select it.
  public var labels: [String: String]
  /// The account of its identity.
  public var serviceAccount: String
  /// Whether it is given work: all its checks pass.
  public var isReady: Bool
  /// Whether the proxy of its pod takes the mesh's transport for it.
  public var isMeshed: Bool
  /// Who that proxy must prove to be; nil where the trust domain is not known.
  public var identity: SPIFFEID?

  /// An instance as another host told it.
  public init(
    key: Registration.Key,
    ports: [Registration.Port],
    addresses: [IPAddress],
    labels: [String: String] = [:],
    serviceAccount: String = Registration.defaultServiceAccount,
    isReady: Bool,
    isMeshed: Bool = false,
    identity: SPIFFEID? = nil
  ) {
    self.key = key
    self.ports = ports
    self.addresses = addresses
    self.labels = labels
    self.serviceAccount = serviceAccount
    self.isReady = isReady
    self.isMeshed = isMeshed
    self.identity = identity
  }

  /// Its endpoints on one of its ports, as a snapshot has them.
  public func endpoints(_ port: Registration.Port) -> [Endpoint] {
    addresses.map {
      Endpoint(SocketAddress($0, port: port.port), isReady: isReady, identity: identity, isMeshed: isMeshed)
    }
  }
}

/// A check to run.
public struct CheckRun: Hashable, Sendable {
  /// By which its result is known. A result of a run that is over, or whose instance was replaced, changes nothing.
  public struct ID: Hashable, Sendable {
    /// Whose check.
    public let key: Registration.Key
    /// The check's name.
    public let check: String
    /// The run's number, no other's since the registry started.
    public let number: UInt64
  }

  /// Which run.
  public let id: ID
  /// What to do.
  public let check: HealthCheck
  /// Where to connect; a script does not.
  public let target: SocketAddress
  /// When it has failed at the latest, in milliseconds of the caller's clock.
  public let deadline_ms: UInt64
}

/// What is to be there after a restart.
public struct RegistryRecord: Hashable, Sendable {
  /// What was registered.
  public var registration: Registration
  /// By whom.
  public var owner: RegistryOwner
  /// The checks that passed last: an agent that starts anew does not put out what is well.
  public var passing: Set<String>
  /// Whether a proxy took the mesh's transport for it.
  public var isMeshed: Bool

  /// A record.
  public init(
    _ registration: Registration,
    owner: RegistryOwner,
    passing: Set<String> = [],
    isMeshed: Bool = false
  ) {
    self.registration = registration
    self.owner = owner
    self.passing = passing
    self.isMeshed = isMeshed
  }
}
