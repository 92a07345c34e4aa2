internal import Discovery
internal import HTTP1
internal import Kernel
internal import MeshModel
internal import Policy
internal import Reactor

/// Asks about what the rules do not know. All of this is beside the usual way: whatever the rules know costs nothing here.
extension Worker {
  /// Whether what is behind an address is still to be learned, and by what it is waited for; asks where nobody has. Nil
  /// where it is known that there is nothing, where nobody can tell, or where too much is asked or held already.
  func unanswered(_ address: IPAddress) -> LookupFingerprint? {
    guard lookups.isLive, !address.isUnspecified else { return nil }
    let lookup = lookups.hash(address)
    switch lookups.table.standing(of: lookup, now_ns: now_ns) {
    case .settled: return nil
    case .waiting: return lookups.hasRoom ? lookup : nil
    case .unasked: return ask(LookupQuestion(address), lookup) ? lookup : nil
    }
  }

  /// The same of a host that a request names. What can be no service's name is not asked about.
  func unanswered(host: UnsafeRawBufferPointer) -> LookupFingerprint? {
    guard lookups.isLive, RequestTable.mayName(host), let name = MeshName(host) else { return nil }
    guard let namespace = name.namespace else {
      // A name without a namespace means the workload's own.
      return lookups.ownNamespace.withUnsafeBytes { unanswered(namespace: $0, service: name.service) }
    }
    return unanswered(namespace: namespace, service: name.service)
  }

  private func unanswered(
    namespace: UnsafeRawBufferPointer,
    service: UnsafeRawBufferPointer
  ) -> LookupFingerprint? {
    let lookup = lookups.hash(namespace: namespace, service: service)
    switch lookups.table.standing(of: lookup, now_ns: now_ns) {
    case .settled: return nil
    case .waiting: return lookups.hasRoom ? lookup : nil
    case .unasked:
      guard let question = LookupQuestion(namespace: namespace, service: service) else { return nil }
      return ask(question, lookup) ? lookup : nil
    }
  }

  private func ask(_ question: LookupQuestion, _ lookup: LookupFingerprint) -> Bool {
    guard let inbox = lookups.inbox, lookups.hasRoom, lookups.allowance.take(now_ns: now_ns) else { return false }
    let until_ns = now_ns &+ LookupLimit.patience_ns
    guard lookups.table.ask(lookup, until_ns: until_ns, now_ns: now_ns) else { return false }
    guard inbox.ask(question, worker: Int(number)) else {
      lookups.table.forget(lookup)
      return false
    }
    lookups.hasAsked = true
    lookups.deadline_ns = min(lookups.deadline_ns, until_ns)
    return true
  }

  /// Wakes the control thread, once a turn at most.
  func ringForLookups() {
    guard lookups.hasAsked else { return }
    lookups.hasAsked = false
    lookups.inbox?.ring()
  }

  /// The agent came, or is gone. Without one nothing is held: what waits goes on with what is known.
  func noteAgent(isLive: Bool) {
    guard lookups.inbox != nil, isLive != lookups.isLive else { return }
    lookups.isLive = isLive
    guard !isLive else { return }
    lookups.table.forgetUnanswered()
    releaseAnswered()
  }

  /// The agent has answered, and the rules say what.
  func settle(_ keys: [LookupKey]) {
    for key in keys { lookups.table.settle(lookups.hash(key), now_ns: now_ns) }
    releaseAnswered()
  }

  /// What was said of these keys is not kept up to date any more.
  func forget(_ keys: [LookupKey]) {
    for key in keys { lookups.table.forget(lookups.hash(key)) }
    releaseAnswered()
  }

  /// Lets go of what has waited long enough.
  func expireHeld() {
    guard now_ns >= lookups.deadline_ns else { return }
    releaseAnswered()
  }

  /// Lets go of all that need not wait any more: one walk over what is held, which is bounded.
  func releaseAnswered() {
    lookups.deadline_ns = .max
    for index in 0..<lookups.connections.extent {
      guard let slot = lookups.connections.tenant(index), let held = lookups.connections.pointer(slot) else { continue }
      if !mustWait(for: held.pointee.lookup) { resume(connection: slot) }
    }
    for index in 0..<lookups.requests.extent {
      guard let slot = lookups.requests.tenant(index), let held = lookups.requests.pointer(slot) else { continue }
      if !mustWait(for: held.pointee.lookup) { resume(request: slot) }
    }
    for index in 0..<lookups.hellos.extent {
      guard let slot = lookups.hellos.tenant(index), let held = lookups.hellos.pointer(slot) else { continue }
      if !mustWait(for: held.pointee.lookup) { resume(hello: slot) }
    }
  }

  private func mustWait(for lookup: LookupFingerprint) -> Bool {
    guard lookups.isLive, case .waiting(let until_ns) = lookups.table.standing(of: lookup, now_ns: now_ns) else {
      return false
    }
    lookups.deadline_ns = min(lookups.deadline_ns, until_ns)
    return true
  }
}
