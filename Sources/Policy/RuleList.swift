internal import MeshModel

/// All rules that bear on one direction of one workload, flattened into three arrays that a decision walks
/// without allocating: rules in order, each with a slice of the ports and a slice of the address ranges.
struct RuleList: Sendable {
  /// Indices into the snapshot, for the verdict.
  struct Origin: BitwiseCopyable {
    let policy: UInt16
    let rule: UInt16
  }

  private struct Rule {
    let origin: Origin
    /// Whether the rule names no peer or no port, and so allows any.
    let anyPeer: Bool
    let anyPort: Bool
    let ports: Range<Int>
    let addresses: Range<Int>
  }

  private var rules: [Rule] = []
  private var ports: [PortMatch] = []
  private var addresses: [AddressRanges.Range] = []
  /// The first policy that restricts the direction; `Verdict.noPolicy` where none does.
  private(set) var firstPolicy = Verdict.noPolicy

  /// The rules of the policies in `snapshot` that select `workload`.
  init(_ snapshot: Snapshot, _ workload: Workload, _ direction: Direction) {
    // Snapshot limits hold every index below within its type.
    for (index, policy) in snapshot.policies.enumerated() where policy.selects(workload) {
      guard let list = policy.rules(direction) else { continue }
      if firstPolicy == Verdict.noPolicy { firstPolicy = UInt16(index) }
      for (number, rule) in list.enumerated() {
        append(rule, Origin(policy: UInt16(index), rule: UInt16(number)))
      }
    }
  }

  private mutating func append(_ rule: NetworkPolicy.Rule, _ origin: Origin) {
    let firstPort = ports.count
    let firstAddress = addresses.count
    ports += rule.ports
    addresses += AddressRanges(rule.ipBlocks).ranges
    rules.append(
      Rule(
        origin: origin,
        anyPeer: rule.ipBlocks.isEmpty,
        anyPort: rule.ports.isEmpty,
        ports: firstPort..<ports.count,
        addresses: firstAddress..<addresses.count
      )
    )
  }

  /// The first rule that allows the flow.
  func firstMatch(peer: IPAddress, port: UInt16, transport: Transport) -> Origin? {
    for index in rules.indices {
      let rule = rules[index]
      guard rule.anyPort || matches(port, transport, rule.ports) else { continue }
      if rule.anyPeer || contains(peer, rule.addresses) { return rule.origin }
    }
    return nil
  }

  private func matches(_ port: UInt16, _ transport: Transport, _ slice: Range<Int>) -> Bool {
    for index in slice where ports[index].matches(port, transport) { return true }
    return false
  }

  private func contains(_ peer: IPAddress, _ slice: Range<Int>) -> Bool {
    // The first range that does not end before the peer holds it, or none does.
    var low = slice.lowerBound
    var high = slice.upperBound
    while low < high {
      let middle = (low + high) / 2
      if addresses[middle].last < peer { low = middle + 1 } else { high = middle }
    }
    return low < slice.upperBound && addresses[low].first <= peer
  }
}
