internal import MeshModel

extension EndpointMerge {
  /// Puts WorkloadEntries behind the ServiceEntries of their namespace that select them.
  mutating func add(
    _ workloads: [Assembly.Part<WorkloadEntry>],
    _ entries: [DocumentKey: ServiceEntryDocument]
  ) {
    // By one label of each selector, so that many of both do not mean looking at every pair.
    var byLabel: [WorkloadLabel: [Int]] = [:]
    for (index, workload) in workloads.enumerated() {
      for (key, value) in workload.content.labels {
        byLabel[.init(namespace: workload.document.key.namespace, key: key, value: value), default: []].append(index)
      }
    }
    var selected: Set<Int> = []
    for (index, part) in services.enumerated() {
      guard let entry = entries[part.document.key], let selector = entry.selector,
        let first = selector.min(by: { $0.key < $1.key })
      else { continue }
      let label = WorkloadLabel(namespace: part.document.key.namespace, key: first.key, value: first.value)
      let found = (byLabel[label] ?? []).filter { workload in
        selector.allSatisfy { workloads[workload].content.labels[$0.key] == $0.value }
      }
      selected.formUnion(found)
      add(found.map { workloads[$0] }, to: index, part.document, entry)
    }
    for (index, workload) in workloads.enumerated() where !selected.contains(index) {
      let document = workload.document
      let message = "no ServiceEntry of namespace \(document.key.namespace) selects it; it is left out"
      findings.warning(document, document.nameSpot, about: nil, message)
    }
  }

  private mutating func add(
    _ workloads: [Assembly.Part<WorkloadEntry>],
    to index: Int,
    _ owner: ReadDocument,
    _ entry: ServiceEntryDocument
  ) {
    let room = min(SnapshotLimits.maxPortEndpoints, self.room / max(1, entry.ports.count))
    if workloads.count > room {
      // What is new is wrong: the entry that selects too many, or the workload that is one too many.
      let wrong = owner.file != nil ? owner : workloads[room].document
      let message =
        "\(owner.kind.noun) \(owner.key.fullName) selects \(workloads.count) workloads, more than the \(room) left"
      findings.error(wrong, wrong.nameSpot, about: owner.key, message)
    }
    for (place, port) in entry.ports.enumerated() {
      append(workloads.prefix(room).map { $0.content.endpoint(port) }, to: index, place)
    }
  }
}

/// A label of a workload in a namespace.
private struct WorkloadLabel: Hashable {
  let namespace: String
  let key: String
  let value: String
}
