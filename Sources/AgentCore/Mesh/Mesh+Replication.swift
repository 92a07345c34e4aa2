internal import AgentStore
internal import Logging
internal import MeshModel
internal import Replication

/// The replica's directives, carried out in order (docs/replication.md).
extension Mesh {
  /// Writes records of this host, all or none; returns once they are on disk.
  func write(_ writes: [Write]) throws {
    for batch in writes.chunks(of: ReplicationLimits.batchWrites) {
      try carryOut(replica.write(Array(batch), now: Clocks.moment))
    }
  }

  /// Takes a message of a peer that has shown who it is.
  func receive(_ message: [UInt8], from peer: OwnerID) {
    let recovered = replica.counters.recovered
    attempt(replica.receive(encoded: message, from: peer, now: Clocks.moment))
    guard replica.counters.recovered != recovered else { return }
    // A disk that was lost, or put back to an older state, had other services than what came back.
    do { try publishOwn() } catch {
      log.error("what this host runs could not be told after its records came back", error: error)
    }
  }

  /// A host is up.
  func memberUp(_ member: OwnerID) { attempt(replica.memberUp(member)) }

  /// A host is gone: its endpoints leave at once.
  func memberDown(_ member: OwnerID) { attempt(replica.memberDown(member, now: Clocks.moment)) }

  /// Does what the protocol has to do by now.
  func tickReplica() { attempt(replica.tick(Clocks.moment)) }

  /// Carries out what nobody waits for.
  private func attempt(_ directives: [Directive]) {
    do {
      try carryOut(directives)
    } catch {
      log.error("what another host said could not be written down; it is asked again", error: error)
    }
  }

  func carryOut(_ directives: [Directive]) throws {
    for directive in directives {
      switch directive {
      case .persist(let batch):
        do {
          try persist(batch)
        } catch {
          // What is not on disk must not be shown or sent: back to what is.
          try? reload()
          throw error
        }
      case .acknowledged: break  // whoever writes waits for this call
      case .applied(let changes): apply(changes)
      case .send(let message, let peer): peers.send(message, to: peer)
      case .refused(let refusal, let peer):
        count("records_refused_\(refusal.reason)")
        log.warning("a record was refused: \(refusal)", metadata: ["HOST": "\(peer.map { "\($0)" } ?? "unknown")"])
      case .nameConflict(let name, let owners):
        log.error(
          "several hosts are called \(name): \(owners.map { "\($0)" }.joined(separator: ", ")); their records are kept apart, give each a name of its own"
        )
      }
    }
    settle()
  }

  /// The replica as the disk has it.
  private func reload() throws {
    let alive = self.alive
    replica = try Replica(
      owner: replica.owner,
      credential: credential,
      keyring: keyring,
      seed: .random(in: .min ... .max),
      restoring: store.owners(),
      now: Clocks.moment
    )
    catalogue = Catalogue()
    for change in replica.contents { catalogue.apply(change) }
    for member in alive { _ = replica.memberUp(member) }
    dirty.all = true
  }

  /// Feeds the catalogue, and notes what has to be looked at again.
  private func apply(_ changes: [Change]) {
    for change in changes {
      switch change {
      case .alive(let owner), .dead(let owner):
        if case .alive = change { alive.insert(owner) } else { alive.remove(owner) }
        // What of the owner's counts, and counted before, is the same set of keys.
        for key in catalogue.boundKeys(of: owner) { dirty.note(key) }
      case .put(_, let record):
        dirty.note(record.key)
        if record.key == .authorities || record.key == .roots { rosterSignal.yield() }
        if record.key.kind == .jwtKeys { jwtSignal.yield() }
      case .dropped(_, let key):
        dirty.note(key)
        if key.kind == .jwtKeys { jwtSignal.yield() }
      }
      catalogue.apply(change)
    }
  }
}

extension Array {
  /// Parts of at most `count` elements, in order.
  func chunks(of count: Int) -> [ArraySlice<Element>] {
    stride(from: 0, to: self.count, by: count).map { self[$0..<Swift.min($0 + count, self.count)] }
  }
}
