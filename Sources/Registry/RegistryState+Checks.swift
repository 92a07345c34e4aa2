extension RegistryState {
  /// Starts the checks that are due, ends those whose time is up, and lets reports expire.
  public mutating func tick(
    now_ms: UInt64,
    using random: inout some RandomNumberGenerator
  ) -> [RegistryDirective] {
    guard let earliest_ms, now_ms >= earliest_ms else { return [] }
    var directives: [RegistryDirective] = []
    for due in dueChecks(now_ms) {
      directives += handle(due, now_ms, &random)
    }
    self.earliest_ms = earliest(now_ms)
    return directives
  }

  /// Takes the result of a run. One that is late, or whose instance was replaced, changes nothing.
  public mutating func checkResult(
    _ id: CheckRun.ID,
    _ outcome: CheckOutcome,
    output: String = "",
    now_ms: UInt64,
    using random: inout some RandomNumberGenerator
  ) -> [RegistryDirective] {
    guard let index = instances[id.key]?.checks.firstIndex(where: { $0.run?.number == id.number }) else { return [] }
    return finish(id.key, index, outcome, output, now_ms, &random)
  }

  /// Takes what a program says of itself. `check` may be left out where there is one TTL check.
  public mutating func report(
    _ key: Registration.Key,
    check: String? = nil,
    _ outcome: CheckOutcome,
    output: String = "",
    owner: RegistryOwner,
    now_ms: UInt64,
    using random: inout some RandomNumberGenerator
  ) throws(RegistryRefusal) -> [RegistryDirective] {
    guard let instance = instances[key] else { throw .unknown(key) }
    // A program reports for what a file says of it, whoever it runs as.
    if case .user = instance.owner, !instance.owner.yields(to: owner) { throw .notYours(key, instance.owner) }
    let takers = instance.checks.indices.filter { instance.checks[$0].definition.isTTL }
    let named = takers.filter { check == nil || instance.checks[$0].definition.name == check }
    guard let index = named.first, named.count == 1 else {
      throw .noSuchReport(key, check: check, known: takers.map { instance.checks[$0].definition.name })
    }
    let directives = record(key, index, outcome, output, now_ms, &random)
    guard !directives.isEmpty else { return [] }
    // What a program says over and over costs nothing; what goes to every agent of the mesh does.
    do throws(RegistryRefusal) { try charge(owner, now_ms) } catch {
      instances[key] = instance
      throw error
    }
    return directives
  }

  /// A check, its time, and its place among those of its instance.
  private struct DueCheck {
    let key: Registration.Key
    let index: Int
    let due_ms: UInt64
  }

  /// All that is due, in the order of its time.
  private func dueChecks(_ now_ms: UInt64) -> [DueCheck] {
    var due: [DueCheck] = []
    for (key, instance) in instances {
      for (index, check) in instance.checks.enumerated() {
        let due_ms = check.run?.end_ms ?? check.state.due_ms
        if due_ms <= now_ms { due.append(DueCheck(key: key, index: index, due_ms: due_ms)) }
      }
    }
    return due.sorted { ($0.due_ms, $0.key, $0.index) < ($1.due_ms, $1.key, $1.index) }
  }

  private mutating func handle(
    _ due: DueCheck,
    _ now_ms: UInt64,
    _ random: inout some RandomNumberGenerator
  ) -> [RegistryDirective] {
    guard let instance = instances[due.key] else { return [] }
    let check = instance.checks[due.index]
    if check.run != nil {
      return finish(due.key, due.index, .failing, "no result in time", now_ms, &random)
    }
    if check.definition.isTTL {
      let wasReady = instance.isReady
      _ = instances[due.key]?.checks[due.index].state.expire(check.definition, now_ms: now_ms)
      instances[due.key]?.checks[due.index].output = "no report in time"
      instances[due.key]?.checks[due.index].ran_ms = now_ms
      return changes(due.key, wasReady, check.state.isPassing, due.index)
    }
    guard running < RegistryLimit.runningChecks, let target = instance.target(check.definition) else { return [] }
    running += 1
    runs += 1
    let deadline_ms = now_ms + UInt64(check.definition.timeout_ms)
    instances[due.key]?.checks[due.index].run = (runs, deadline_ms + CheckTiming.grace_ms)
    let id = CheckRun.ID(key: due.key, check: check.definition.name, number: runs)
    return [.runCheck(CheckRun(id: id, check: check.definition, target: target, deadline_ms: deadline_ms))]
  }

  private mutating func finish(
    _ key: Registration.Key,
    _ index: Int,
    _ outcome: CheckOutcome,
    _ output: String,
    _ now_ms: UInt64,
    _ random: inout some RandomNumberGenerator
  ) -> [RegistryDirective] {
    // Others may have waited for the place.
    if running >= RegistryLimit.runningChecks { earliest_ms = min(earliest_ms ?? .max, now_ms) }
    running -= 1
    instances[key]?.checks[index].run = nil
    return record(key, index, outcome, output, now_ms, &random)
  }

  private mutating func record(
    _ key: Registration.Key,
    _ index: Int,
    _ outcome: CheckOutcome,
    _ output: String,
    _ now_ms: UInt64,
    _ random: inout some RandomNumberGenerator
  ) -> [RegistryDirective] {
    guard var instance = instances[key] else { return [] }
    let (wasReady, wasPassing) = (instance.isReady, instance.checks[index].state.isPassing)
    let check = instance.checks[index].definition
    _ = instance.checks[index].state.record(outcome, of: check, now_ms: now_ms, using: &random)
    instance.checks[index].output = String(decoding: output.utf8.prefix(RegistryLimit.outputBytes), as: UTF8.self)
    instance.checks[index].ran_ms = now_ms
    earliest_ms = min(earliest_ms ?? .max, instance.checks[index].state.due_ms)
    instances[key] = instance
    return changes(key, wasReady, wasPassing, index)
  }

  /// What is to be done where a check, or all of them together, changed.
  private func changes(
    _ key: Registration.Key,
    _ wasReady: Bool,
    _ wasPassing: Bool,
    _ index: Int
  ) -> [RegistryDirective] {
    guard let instance = instances[key] else { return [] }
    // The mesh first: unhealthy endpoints leave at once.
    return (instance.isReady == wasReady ? [] : [.publish(instance.record)])
      + (instance.checks[index].state.isPassing == wasPassing ? [] : [.persist(instance.persistent)])
  }

  /// When something is due next; checks that wait for a place are not, for `finish` looks after them.
  private func earliest(_ now_ms: UInt64) -> UInt64? {
    let isFull = running >= RegistryLimit.runningChecks
    var earliest_ms: UInt64?
    for check in instances.values.lazy.flatMap(\.checks) {
      let due_ms = check.run?.end_ms ?? check.state.due_ms
      if isFull, check.run == nil, !check.definition.isTTL, due_ms <= now_ms { continue }
      earliest_ms = min(earliest_ms ?? .max, due_ms)
    }
    return earliest_ms == .max ? nil : earliest_ms
  }
}
