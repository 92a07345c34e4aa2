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
  private var budget = ChangeBudget()

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

  /// The files of the services' directory are these now: what others had is taken away.
  public mutating func retain(files: Set<String>) -> [RegistryDirective] {
    let gone = instances.filter { _, instance in
      if case .file(let path) = instance.owner { !files.contains(path) } else { false }
    }
    return gone.keys.sorted().flatMap { remove($0) }
  }

  /// A file has these services now: what else it had is taken away.
  public mutating func retain(_ keys: Set<Registration.Key>, of path: String) -> [RegistryDirective] {
    let gone = instances.filter { key, instance in instance.owner == .file(path) && !keys.contains(key) }
    return gone.keys.sorted().flatMap { remove($0) }
  }

  /// Takes what was written before a restart. What does not hold any more is forgotten, with the reason.
  public mutating func restore(
    _ records: [RegistryRecord],
    now_ms: UInt64,
    using random: inout some RandomNumberGenerator
  ) -> (directives: [RegistryDirective], refusals: [(key: Registration.Key, reason: RegistryRefusal)]) {
    var directives: [RegistryDirective] = []
    var refusals: [(key: Registration.Key, reason: RegistryRefusal)] = []
    for record in records {
      let key = record.registration.key
      do throws(RegistryRefusal) {
        let old = instances[key]
        if let old, !old.owner.yields(to: record.owner) { throw .notYours(key, old.owner) }
        var instance = try instance(record.registration, record.owner, old, passing: record.passing, now_ms, &random)
        instance.isMeshed = record.isMeshed
        // It is written already.
        directives += put(instance, in: old).filter { if case .persist = $0 { false } else { true } }
      } catch {
        refusals.append((key, error))
        if instances[key] == nil, error != .noAddress { directives.append(.forget(key)) }
      }
    }
    return (directives, refusals)
  }

  /// Goes back to what was before a change that came to nothing. What the change cost its user stays spent: one that is
  /// refused is as much work as another.
  public mutating func revert(to before: RegistryState) {
    let spent = budget
    self = before
    budget = spent
  }

  mutating func charge(_ owner: RegistryOwner, _ now_ms: UInt64) throws(RegistryRefusal) {
    guard case .user(let user) = owner else { return }
    guard budget.take(user, now_ms: now_ms) else { throw .tooManyChanges(user: user) }
  }

  /// The instance of a registration, where nothing speaks against it. What is known of a check goes on where its
  /// definition is the same; where only that changed, so does whether it passes.
  private func instance(
    _ registration: Registration,
    _ owner: RegistryOwner,
    _ old: RegisteredInstance?,
    passing: Set<String>?,
    _ now_ms: UInt64,
    _ random: inout some RandomNumberGenerator
  ) throws(RegistryRefusal) -> RegisteredInstance {
    do throws(RegistrationError) { try registration.validate() } catch { throw .invalid(error) }
    // What was allowed once still is: at a start the host may not know all its addresses yet.
    if passing == nil { try allow(registration, owner) }
    guard old != nil || instances.count < RegistryLimit.registrations else { throw .tooMany }
    if passing == nil { try allowAnother(owner, in: old) }
    let addresses = registration.addresses.isEmpty ? options.hostAddresses : registration.addresses
    guard !addresses.isEmpty else { throw .noAddress }
    var instance = RegisteredInstance(registration: registration, owner: owner, addresses: addresses, checks: [])
    for socket in instance.sockets {
      guard let other = sockets[socket], other != registration.key else { continue }
      throw .portTaken(socket, by: other, instances[other]?.owner ?? owner)
    }
    instance.isMeshed = old?.isMeshed ?? false
    for check in registration.checks {
      let before = old?.checks.first { $0.definition.name == check.name }
      let isSame = before?.definition == check && old.flatMap { $0.target(check) } == instance.target(check)
      if isSame, let before {
        instance.checks.append(before)
      } else {
        let wasPassing = before?.state.isPassing ?? passing?.contains(check.name)
        let state = HealthState(check, wasPassing: wasPassing, now_ms: now_ms, using: &random)
        instance.checks.append(RegisteredInstance.Check(definition: check, state: state))
      }
    }
    return instance
  }

  /// What users may not ask for, lest the agent acts for them with rights that they lack.
  private func allow(_ registration: Registration, _ owner: RegistryOwner) throws(RegistryRefusal) {
    guard case .user(let user) = owner, user != 0 else { return }
    for check in registration.checks {
      if case .script = check.kind { throw .scriptNotAllowed(check: check.name) }
    }
    for address in registration.addresses where !options.localAddresses.contains(address) {
      throw .foreignAddress(address)
    }
  }

  /// A user has no more than are free still, so that one, or some together, leave places to others. Files and root are the
  /// administrator's word.
  private func allowAnother(_ owner: RegistryOwner, in old: RegisteredInstance?) throws(RegistryRefusal) {
    guard case .user(let user) = owner, owner != .root, old?.owner != owner else { return }
    let (own, free) = (instances.values.count { $0.owner == owner }, RegistryLimit.registrations - instances.count)
    guard own < free else { throw .tooManyOf(user: user, own, free: free) }
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

  private mutating func remove(_ key: Registration.Key) -> [RegistryDirective] {
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
