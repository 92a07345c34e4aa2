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
      let namespace = part.document.key.namespace
      guard let entry = entries[part.document.key], let label = entry.label(in: namespace) else { continue }
      let found = (byLabel[label] ?? []).filter { entry.selects(workloads[$0].content) }
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
    if workloads.count > room, room < SnapshotLimits.maxPortEndpoints { findings.meetBounds() }
    if workloads.count > room {
      // What is new is wrong: the entry that selects too many, or the workload that is one too many.
      let wrong = owner.file != nil ? owner : workloads[room].document
      let message =
        "\(owner.kind.noun) \(owner.key.fullName) selects \(workloads.count) workloads, more than the \(room) left"
      findings.error(wrong, wrong.nameSpot, about: owner.key, message)
    }
    for (place, port) in entry.ports.enumerated() {
      append(workloads.prefix(room).compactMap { $0.content.endpoint(port) }, to: index, place)
    }
  }
}

/// A label of a workload in a namespace.
struct WorkloadLabel: Hashable, Sendable {
  let namespace: String
  let key: String
  let value: String
}

extension ServiceEntryDocument {
  /// One label that all workloads have that it selects; nil where it selects none.
  func label(in namespace: String) -> WorkloadLabel? {
    selector?.min { $0.key < $1.key }.map { WorkloadLabel(namespace: namespace, key: $0.key, value: $0.value) }
  }

  func selects(_ workload: WorkloadEntry) -> Bool {
    selector?.allSatisfy { workload.labels[$0.key] == $0.value } ?? false
  }
}
