public import MeshModel

/// An instance in the registry: what it said, who said it, and how its checks stand.
public struct RegisteredInstance: Sendable {
  /// What was registered.
  public let registration: Registration
  /// By whom.
  public let owner: RegistryOwner
  /// Where it listens: what was registered, or the host's own.
  public let addresses: [IPAddress]
  /// Its checks, in the order of the registration.
  public internal(set) var checks: [Check]
  /// Whether the proxy of its pod takes the mesh's transport for it, or did: what once went encrypted shall not go in plain
  /// text because that proxy is down or the instance moves. It ends when the instance is deregistered.
  public internal(set) var isMeshed = false

  /// One of its checks.
  public struct Check: Sendable {
    /// What is done.
    public let definition: HealthCheck
    /// What is known.
    public internal(set) var state: HealthState
    /// What the last run or report said of itself.
    public internal(set) var output = ""
    /// When that was, by the monotonic clock; nil before the first.
    public internal(set) var ran_ms: UInt64?
    /// The run that is under way.
    var run: (number: UInt64, end_ms: UInt64)?
  }

  /// Whether it is given work.
  public var isReady: Bool { checks.allSatisfy(\.state.isPassing) }

  var sockets: [SocketAddress] {
    addresses.flatMap { address in registration.ports.map { SocketAddress(address, port: $0.port) } }
  }

  /// The instance as the mesh is told of it.
  public var record: EndpointsRecord {
    EndpointsRecord(
      key: registration.key,
      ports: registration.ports,
      addresses: addresses,
      labels: registration.labels,
      serviceAccount: registration.serviceAccount,
      isReady: isReady,
      isMeshed: isMeshed
    )
  }

  var persistent: RegistryRecord {
    let passing = checks.filter(\.state.isPassing).map(\.definition.name)
    return RegistryRecord(registration, owner: owner, passing: Set(passing), isMeshed: isMeshed)
  }

  /// Where a check connects.
  func target(_ check: HealthCheck) -> SocketAddress? {
    guard let address = addresses.first, let port = check.port ?? registration.ports.first?.port else { return nil }
    return SocketAddress(address, port: port)
  }
}
