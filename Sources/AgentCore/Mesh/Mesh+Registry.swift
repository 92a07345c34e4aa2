internal import AgentStore
internal import HealthChecks
internal import Logging
internal import MeshModel
internal import PeerService
internal import Registry
internal import Replication

/// This host's instances: registrations come in, checks are run, records go out to all hosts.
extension Mesh {
  /// Takes registrations, all or none; the first that is refused says why.
  func register(_ registrations: [Registration], owner: RegistryOwner) throws -> [RegisteredInstance] {
    let before = registry
    var directives: [RegistryDirective] = []
    do {
      for registration in registrations {
        directives += try registry.register(registration, owner: owner, now_ms: Clocks.monotonic_ms, using: &random)
      }
      try carryOut(directives)
    } catch {
      registry.revert(to: before)
      throw error
    }
    noteMeshed()
    return registrations.compactMap { registry.instances[$0.key] }
  }

  /// Takes an instance away.
  func deregister(_ key: Registration.Key, owner: RegistryOwner) throws {
    let before = registry
    do {
      try carryOut(registry.deregister(key, owner: owner, now_ms: Clocks.monotonic_ms))
    } catch {
      registry.revert(to: before)
      throw error
    }
  }

  /// Takes what a program says of itself.
  func report(
    _ key: Registration.Key,
    check: String?,
    _ outcome: CheckOutcome,
    output: String,
    owner: RegistryOwner
  ) throws {
    try carryOut(
      registry.report(
        key,
        check: check,
        outcome,
        output: output,
        owner: owner,
        now_ms: Clocks.monotonic_ms,
        using: &random
      )
    )
  }

  /// Counts and tells what was refused to who asked over the socket.
  func note(_ refusal: RegistryRefusal, of owner: RegistryOwner, counter: String) {
    note(counter, "\(owner) was refused: \(refusal)")
  }

  /// Counts and tells what users of this host can cause as often as they like.
  func note(_ counter: String, _ why: String) {
    count(counter)
    pacedLog.warning(counter, why)
  }

  /// The files of the services' directory say this now. What a file says that cannot be taken is told, and the rest taken.
  /// What is registered of `broken` files, which say nothing that can be understood, stays as it is.
  func adopt(files: [ServiceFile], broken: Set<String> = []) {
    let before = registry
    // What files gave up first, so that a service may move from one to another.
    var directives = registry.retain(files: broken.union(files.map(\.path)))
    for file in files { directives += registry.retain(Set(file.registrations.map(\.key)), of: file.path) }
    for file in files {
      for registration in file.registrations {
        do {
          directives += try registry.register(
            registration,
            owner: .file(file.path),
            now_ms: Clocks.monotonic_ms,
            using: &random
          )
        } catch {
          log.error(
            "a service was not registered: \(error)",
            metadata: ["SERVICE": "\(registration.key)", "FILE": "\(file.path)"]
          )
        }
      }
    }
    do { try carryOut(directives) } catch {
      registry.revert(to: before)
      log.error("what the files of services say could not be written down and is not in force", error: error)
    }
    noteMeshed()
  }

  /// Takes the result of a check.
  func finished(_ run: CheckRun.ID, _ outcome: CheckOutcome, output: String) {
    let wasReady = registry.instances[run.key]?.isReady
    let directives = registry.checkResult(
      run,
      outcome,
      output: output,
      now_ms: Clocks.monotonic_ms,
      using: &random
    )
    attempt(directives)
    guard let isReady = registry.instances[run.key]?.isReady, isReady != wasReady else { return }
    log.notice(
      isReady ? "\(run.key) is well: it is given work" : "\(run.key) is not well: it is given no work",
      metadata: ["SERVICE": "\(run.key)", "CHECK": "\(run.check)", "REASON": "\(output)"]
    )
  }

  /// Does what is due: checks to run, reports that did not come.
  func tickRegistry() {
    attempt(registry.tick(now_ms: Clocks.monotonic_ms, using: &random))
  }

  /// Carries out what nobody waits for.
  func attempt(_ directives: [RegistryDirective]) {
    do {
      try carryOut(directives)
    } catch {
      log.error("what this host says of its services could not be written down", error: error)
    }
  }

  /// The registry's directives. The mesh is told once of each service, after all else.
  private func carryOut(_ directives: [RegistryDirective]) throws {
    var services: [RecordKey] = []
    // What is not written by the end was refused.
    defer { unwritten = StoreChanges() }
    for directive in directives {
      switch directive {
      case .publish(let record):
        services.append(InstanceRecord.key(namespace: record.key.namespace, name: record.key.name))
      case .withdraw(let key): services.append(InstanceRecord.key(namespace: key.namespace, name: key.name))
      case .runCheck(let run): runCheck(run)
      case .persist(let record): unwritten.put(record)
      case .forget(let key): unwritten.forget(key)
      }
    }
    try publish(Set(services).sorted())
    try writeRest()
    wake()
  }

  /// Tells the mesh what this host runs of these services.
  func publish(_ keys: [RecordKey]) throws {
    guard !keys.isEmpty else { return }
    let writes = try keys.map { key in
      let instances = registry.instances(ofServiceOf: Registration.Key(namespace: key.namespace, name: key.name))
      return Write(key, .bound, try InstanceRecord.encode(instances.map(\.record)))
    }
    try write(writes)
  }

  /// Tells what this host runs of all services: those that it has, and those that its records say it has.
  func publishOwn() throws {
    let own = Set(registry.instances.keys.map { InstanceRecord.key(namespace: $0.namespace, name: $0.name) })
    try publish(own.union(catalogue.boundKeys(of: identity.owner)).sorted())
  }

  private func runCheck(_ run: CheckRun) {
    let runner = checks
    Task { [weak self] in
      let result = await runner.run(run)
      await self?.finished(run.id, result.outcome, output: result.output)
    }
  }
}
