extension Replica {
  /// Membership says that a host is up.
  public mutating func memberUp(_ member: OwnerID) -> [Directive] {
    guard members.add(member) else { return [] }
    deadSince_ms[member] = nil
    store.offer(member, true)
    output.append(.applied([.alive(member)]))
    let namesakes = members.alive.filter { $0.name == member.name }
    if namesakes.count > 1 {
      counters.nameConflicts += 1
      output.append(.nameConflict(member.name, namesakes.sorted()))
    }
    return takeOutput()
  }

  /// Membership says that a host is down. Its endpoints no longer count; its documents do.
  public mutating func memberDown(_ member: OwnerID, now: Moment) -> [Directive] {
    guard member != owner, members.remove(member) else { return [] }
    if let set = store[member] {
      deadSince_ms[member] = now.monotonic_ms
      store.offer(member, set.isLasting)
    }
    output.append(.applied([.dead(member)]))
    return takeOutput()
  }

  /// Takes an owner's next set in place of the one that is held. The directives come in the order that makes it durable
  /// first.
  mutating func install(
    _ contents: OwnerContents,
    _ head: Head,
    _ credential: [UInt8],
    acknowledging version: Version? = nil
  ) {
    let isAlive = members.isAlive(head.owner)
    store.take(contents, head: head, credential: credential, keyring: keyring, isAlive: isAlive)
    var puts: [Record] = []
    var removes: [RecordKey] = []
    for change in contents.changes {
      documents.apply(change)
      switch change {
      case .put(_, let record): puts.append(record)
      case .dropped(_, let key): removes.append(key)
      case .alive, .dead: break
      }
    }
    let state = Batch.State(head: head, credential: credential)
    output.append(.persist(Batch(owner: head.owner, state: state, puts: puts, removes: removes)))
    if let version { output.append(.acknowledged(version)) }
    if !contents.changes.isEmpty { output.append(.applied(contents.changes)) }
  }
}
