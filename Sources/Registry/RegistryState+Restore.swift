internal import MeshModel

/// What was written down before a restart, and what was before a change.
extension RegistryState {
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
}
