public import MeshModel

/// What the agent knows of the services of its own host: events in, directives out. Times are milliseconds of any clock
/// that only goes forward.
public struct RegistryState: Sendable {
  /// What it must know of the host.
  public struct Options: Sendable {
    /// Where an instance listens that names no address.
    public var hostAddresses: [IPAddress]
    /// All addresses that users may register, those of the host's network namespaces included.
    public var localAddresses: Set<IPAddress>

    /// Options; `localAddresses` always hold those of the host.
    public init(hostAddresses: [IPAddress], localAddresses: Set<IPAddress> = []) {
      self.hostAddresses = hostAddresses
      self.localAddresses = localAddresses.union(hostAddresses)
    }
  }

  /// What is registered.
  public internal(set) var instances: [Registration.Key: RegisteredInstance] = [:]
  /// What it must know of the host.
  public internal(set) var options: Options

  var sockets: [SocketAddress: Registration.Key] = [:]
  /// The keys of each service's instances, so that what is said of one service costs no look at the others.
  private var byService: [ServiceName: Set<Registration.Key>] = [:]
  var running = 0
  var runs: UInt64 = 0
  var earliest_ms: UInt64?
  var budget = ChangeBudget()

  /// A registry without instances.
  public init(_ options: Options) { self.options = options }

  /// When `tick` is due next; it may be that nothing is due then.
  public var nextDue_ms: UInt64? { earliest_ms }

  private struct ServiceName: Hashable {
    let namespace: String
    let name: String

    init(_ key: Registration.Key) { (namespace, name) = (key.namespace, key.name) }
  }

  /// The instances of one service, in no order.
  public func instances(ofServiceOf key: Registration.Key) -> [RegisteredInstance] {
    (byService[ServiceName(key)] ?? []).compactMap { instances[$0] }
  }

  /// Takes a registration, in place of what its key had. One that says nothing new changes nothing.
  public mutating func register(
    _ registration: Registration,
    owner: RegistryOwner,
    now_ms: UInt64,
    using random: inout some RandomNumberGenerator
  ) throws(RegistryRefusal) -> [RegistryDirective] {
    let old = instances[registration.key]
    if let old, !old.owner.yields(to: owner) { throw .notYours(registration.key, old.owner) }
    if let old, old.registration == registration, old.owner == owner { return [] }
    try charge(owner, now_ms)
    let instance = try instance(registration, owner, old, passing: nil, now_ms, &random)
    return put(instance, in: old)
  }

  /// Takes away what a key has.
  public mutating func deregister(
    _ key: Registration.Key,
    owner: RegistryOwner,
    now_ms: UInt64
  ) throws(RegistryRefusal) -> [RegistryDirective] {
    guard let instance = instances[key] else { throw .unknown(key) }
    guard instance.owner.yields(to: owner) else { throw .notYours(key, instance.owner) }
    try charge(owner, now_ms)
    return remove(key)
  }

  mutating func put(_ instance: RegisteredInstance, in old: RegisteredInstance?) -> [RegistryDirective] {
    let key = instance.registration.key
    if let old { drop(old, keeping: instance) }
    instances[key] = instance
    byService[ServiceName(key), default: []].insert(key)
    for socket in instance.sockets { sockets[socket] = key }
    for check in instance.checks { earliest_ms = min(earliest_ms ?? .max, check.state.due_ms) }
    return [.persist(instance.persistent), .publish(instance.record)]
  }

  mutating func remove(_ key: Registration.Key) -> [RegistryDirective] {
    guard let old = instances.removeValue(forKey: key) else { return [] }
    let service = ServiceName(key)
    byService[service]?.remove(key)
    if byService[service]?.isEmpty == true { byService[service] = nil }
    drop(old, keeping: nil)
    return [.forget(key), .withdraw(key)]
  }

  /// Gives back the sockets of `old`, and the places of its runs that `new` does not wait for.
  private mutating func drop(_ old: RegisteredInstance, keeping new: RegisteredInstance?) {
    for socket in old.sockets { sockets[socket] = nil }
    // Others may wait for these places.
    if running >= RegistryLimit.runningChecks { earliest_ms = 0 }
    let kept = Set((new?.checks ?? []).compactMap { $0.run?.number })
    running -= old.checks.count { $0.run.map { !kept.contains($0.number) } ?? false }
  }
}
