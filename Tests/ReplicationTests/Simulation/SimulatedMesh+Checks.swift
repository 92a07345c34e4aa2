import Testing

@testable import Replication

extension SimulatedMesh {
  /// Whether all hosts that are up hold the same.
  var isConverged: Bool {
    let replicas = hosts.compactMap(\.replica)
    guard let first = replicas.first else { return true }
    return replicas.allSatisfy { $0.store.buckets == first.store.buckets }
  }

  /// Runs until all hosts agree, at most `limit_ms`, looking ten times a second. Returns how long it took.
  mutating func converge(within limit_ms: UInt64) -> UInt64? {
    let start_ms = now_ms
    while now_ms < start_ms + limit_ms {
      if isConverged { return now_ms - start_ms }
      run(for: 100)
    }
    return isConverged ? now_ms - start_ms : nil
  }

  /// Hosts agree, no acknowledged write is lost, and what is in memory is what is on disk.
  func expectSound(_ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(isConverged, comment, sourceLocation: sourceLocation)
    let up = hosts.filter { $0.replica != nil }
    guard let first = up.first else { return }
    #expect(ledger.lost(in: first.catalogue) == [], comment, sourceLocation: sourceLocation)
    for host in up {
      let keys = host.catalogue.documentKeys
      #expect(keys == first.catalogue.documentKeys, comment, sourceLocation: sourceLocation)
      #expect(
        keys.allSatisfy { host.catalogue.document($0) == first.catalogue.document($0) },
        comment,
        sourceLocation: sourceLocation
      )
      for (owner, services) in ledger.bound where up.contains(where: { $0.owner == owner }) {
        for (key, content) in services {
          let shown = host.catalogue.endpoints(key).first { $0.owner == owner }?.record.content
          #expect(shown == content, comment, sourceLocation: sourceLocation)
        }
      }
      expectSameOnDisk(host, comment, sourceLocation)
    }
  }

  private func expectSameOnDisk(_ host: Host, _ comment: Comment?, _ sourceLocation: SourceLocation) {
    guard let replica = host.replica else { return }
    let stored = host.disk.stored
    #expect(stored.count == replica.store.count, comment, sourceLocation: sourceLocation)
    for one in stored {
      let set = OwnerSet(restoring: one, keyring: replica.keyring)
      #expect(set?.head == replica.store[one.head.owner]?.head, comment, sourceLocation: sourceLocation)
    }
  }

  /// All refusals so far, by reason.
  var refusals: [Refusal.Reason: Int] {
    hosts.reduce(into: [:]) { counts, host in
      for refusal in host.refusals { counts[refusal.reason, default: 0] += 1 }
    }
  }
}
