import MeshModel
import Policy
import Testing
import WeftTestKit

/// `decide`, `explain` and a reference that knows nothing of either must agree.
@Suite("Deciding and explaining")
struct AgreementTests {
  @Test("agree with each other and with a naive reference on 40,000 seeded flows")
  func agree() throws {
    var random = SplitMix64(seed: 20_261_122)
    var counts: [Verdict.Reason: Int] = [:]
    for _ in 0..<400 {
      let policies = (0..<Int.random(in: 0...4, using: &random)).map { random.policy("p\($0)") }
      let workload = try Workload(namespace: "shop", labels: random.labels())
      let table = PolicyTable(try Snapshot(policies: policies), for: workload)
      for _ in 0..<100 {
        let direction: Direction = Bool.random(using: &random) ? .inbound : .outbound
        let peer = random.address()
        let port = UInt16.random(in: 1...6, using: &random)
        let transport: Transport = Int.random(in: 0..<4, using: &random) == 0 ? .udp : .tcp
        let verdict = table.decide(direction, peer: peer, port: port, transport: transport)
        counts[verdict.reason, default: 0] += 1
        let explained = table.explain(direction, peer: peer, port: port, transport: transport)
        #expect(explained.verdict == table.describe(verdict))
        let expected = Reference.allows(policies, workload, direction, peer, port, transport)
        #expect(verdict.isAllowed == expected, "\(policies) \(workload) \(direction) \(peer) \(port) \(transport)")
      }
    }
    // The flows must be a mixture, or agreement says little.
    #expect((counts[.ruleAllows] ?? 0) > 4_000 && (counts[.noRuleAllows] ?? 0) > 4_000, "\(counts)")
    #expect((counts[.notRestricted] ?? 0) > 4_000, "\(counts)")
  }
}

/// The sentences of Kubernetes' documentation, one by one, on bits of addresses.
private enum Reference {
  static func allows(
    _ policies: [NetworkPolicy],
    _ workload: Workload,
    _ direction: Direction,
    _ peer: IPAddress,
    _ port: UInt16,
    _ transport: Transport
  ) -> Bool {
    let lists = policies.filter { $0.namespace == workload.namespace && selects($0.podSelector, workload.labels) }
      .compactMap { direction == .inbound ? $0.ingress : $0.egress }
    guard !lists.isEmpty else { return true }
    return lists.joined().contains { rule in
      (rule.ipBlocks.isEmpty || rule.ipBlocks.contains { holds($0, peer) })
        && (rule.ports.isEmpty
          || rule.ports.contains { $0.transport == transport && ($0.ports.map { $0 ~= port } ?? true) })
    }
  }

  private static func selects(_ selector: LabelSelector, _ labels: [String: String]) -> Bool {
    selector.matchLabels.allSatisfy { labels[$0.key] == $0.value }
      && selector.matchExpressions.allSatisfy {
        switch $0 {
        case .isIn(let key, let values): labels[key].map(values.contains) ?? false
        case .isNotIn(let key, let values): !(labels[key].map(values.contains) ?? false)
        case .exists(let key): labels[key] != nil
        case .doesNotExist(let key): labels[key] == nil
        }
      }
  }

  private static func holds(_ block: IPBlock, _ peer: IPAddress) -> Bool {
    inside(block.cidr, peer) && !block.except.contains { inside($0, peer) }
  }

  private static func inside(_ prefix: IPPrefix, _ peer: IPAddress) -> Bool {
    guard prefix.network.isIPv4 == peer.isIPv4 else { return false }
    return bits(prefix.network).prefix(Int(prefix.bits)) == bits(peer).prefix(Int(prefix.bits))
  }

  private static func bits(_ address: IPAddress) -> [Bool] {
    [address.high, address.low].flatMap { word in (0..<64).map { word >> (63 - $0) & 1 == 1 } }
  }
}

extension SplitMix64 {
  /// One of few addresses that lie near each other, in both families and at their ends.
  fileprivate mutating func address() -> IPAddress {
    switch Int.random(in: 0..<8, using: &self) {
    case 0: IPAddress(high: 0, low: UInt64.random(in: 0...3, using: &self))
    case 1: IPAddress(high: .max, low: .max - UInt64.random(in: 0...3, using: &self))
    case 2: IPAddress(high: 0x2001_0db8_0000_0000, low: UInt64.random(in: 0...7, using: &self))
    case 3: IPAddress(v4: .max - UInt32.random(in: 0...3, using: &self))
    default: IPAddress(v4: 0x0a00_0000 + UInt32.random(in: 0...31, using: &self))
    }
  }

  fileprivate mutating func labels() -> [String: String] {
    var labels: [String: String] = [:]
    for key in ["a", "b"] where Bool.random(using: &self) { labels[key] = Bool.random(using: &self) ? "x" : "y" }
    return labels
  }

  fileprivate mutating func policy(_ name: String) -> NetworkPolicy {
    NetworkPolicy(
      namespace: Int.random(in: 0..<4, using: &self) == 0 ? "other" : "shop",
      name: name,
      podSelector: selector(),
      ingress: Bool.random(using: &self) ? rules() : nil,
      egress: Bool.random(using: &self) ? rules() : nil
    )
  }

  private mutating func selector() -> LabelSelector {
    switch Int.random(in: 0..<6, using: &self) {
    case 0: LabelSelector(matchLabels: labels())
    case 1: LabelSelector(matchExpressions: [.isIn(key: "a", values: ["x"])])
    case 2: LabelSelector(matchExpressions: [.isNotIn(key: "a", values: ["x"])])
    case 3: LabelSelector(matchExpressions: [.exists(key: "a"), .doesNotExist(key: "b")])
    default: LabelSelector()
    }
  }

  private mutating func rules() -> [NetworkPolicy.Rule] {
    (0..<Int.random(in: 0...3, using: &self)).map { _ in
      NetworkPolicy.Rule(
        ipBlocks: (0..<Int.random(in: 0...3, using: &self)).compactMap { _ in ipBlock() },
        ports: (0..<Int.random(in: 0...2, using: &self)).map { _ in ports() }
      )
    }
  }

  private mutating func ports() -> PortMatch {
    let first = UInt16.random(in: 1...6, using: &self)
    let transport: Transport = Int.random(in: 0..<3, using: &self) == 0 ? .udp : .tcp
    if Int.random(in: 0..<4, using: &self) == 0 { return PortMatch(transport) }
    return PortMatch(transport, first...UInt16.random(in: first...7, using: &self))
  }

  private mutating func prefix(within longest: Int) -> IPPrefix? {
    let address = address()
    let length = Int.random(in: 0...longest, using: &self)
    return IPPrefix(address, length: (address.isIPv4 ? 32 : 128) - length)
  }

  /// A block, now and then a whole family, with holes where what was drawn lies in it.
  private mutating func ipBlock() -> IPBlock? {
    let isWhole = Int.random(in: 0..<8, using: &self) == 0
    let text = Bool.random(using: &self) ? "0.0.0.0/0" : "::/0"
    guard let cidr = isWhole ? IPPrefix(text) : prefix(within: 6) else { return nil }
    let holes = (0..<Int.random(in: 0...3, using: &self)).compactMap { _ in prefix(within: 3) }
    return IPBlock(cidr, except: holes.filter { cidr.contains($0) })
  }
}
