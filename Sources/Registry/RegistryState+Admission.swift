internal import MeshModel

/// What may be registered, by whom, and how often.
extension RegistryState {
  /// The instance of a registration, where nothing speaks against it. What is known of a check goes on where its
  /// definition is the same; where only that changed, so does whether it passes.
  func instance(
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

  mutating func charge(_ owner: RegistryOwner, _ now_ms: UInt64) throws(RegistryRefusal) {
    guard case .user(let user) = owner else { return }
    guard budget.take(user, now_ms: now_ms) else { throw .tooManyChanges(user: user) }
  }
}
