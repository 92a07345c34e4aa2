import MeshModel
import Policy
import Testing

@Suite("An explanation")
struct ExplainTests {
  private func explain(_ policies: [NetworkPolicy], _ peer: String, port: UInt16 = 8080) throws -> Explanation {
    let table = PolicyTable(
      try Snapshot(policies: policies),
      for: try Workload(namespace: "shop", labels: ["app": "web"])
    )
    return table.explain(.inbound, peer: try #require(IPAddress(peer)), port: port, transport: .tcp)
  }

  @Test("says of each policy why it did not apply")
  func notApplying() throws {
    let found = try explain(
      [
        NetworkPolicy(namespace: "other", name: "a", ingress: []),
        NetworkPolicy(
          namespace: "shop",
          name: "b",
          podSelector: LabelSelector(matchLabels: ["app": "db"]),
          ingress: []
        ),
        NetworkPolicy(namespace: "shop", name: "c", egress: []),
      ],
      "10.1.2.3"
    )
    #expect(found.policies.map(\.outcome) == [.notSelected, .notSelected, .otherDirection])
    #expect(
      found.policies.map(\.reason) == [
        "it is for namespace other, and the workload is in shop",
        "its podSelector does not select the workload: label app=db is wanted, and it is web",
        "it does not restrict ingress",
      ]
    )
    #expect(found.verdict == VerdictDescription(decision: .allow, reason: "no policy restricts the workload's ingress"))
  }

  @Test("says of each rule what of it matched and what did not")
  func rules() throws {
    let wide = try block("10.0.0.0/8", except: "10.1.0.0/16")
    let other = try block("192.0.2.0/24")
    let found = try explain(
      [
        NetworkPolicy(
          namespace: "shop",
          name: "p",
          ingress: [
            .init(ipBlocks: [other, wide], ports: [PortMatch(.tcp, 80...80), PortMatch(.tcp, 443...445)]),
            .init(ipBlocks: [other], ports: [PortMatch(.tcp, 8080...8080)]), .init(ports: [PortMatch(.udp)]),
          ]
        ),
        NetworkPolicy(namespace: "shop", name: "q", ingress: []),
      ],
      "10.1.2.3"
    )
    #expect(
      found.policies.first?.rules == [
        .init(
          rule: "ingress[0]",
          matches: false,
          reasons: [
            "from[1].ipBlock 10.0.0.0/8 contains 10.1.2.3, but except 10.1.0.0/16 excludes it",
            "ports: 8080/TCP is not in 80/TCP, 443-445/TCP",
          ]
        ),
        .init(
          rule: "ingress[1]",
          matches: false,
          reasons: ["from: 10.1.2.3 is not in 192.0.2.0/24", "ports[0] 8080/TCP matches"]
        ),
        .init(
          rule: "ingress[2]",
          matches: false,
          reasons: ["from: any address", "ports: 8080/TCP is not in any/UDP"]
        ),
      ]
    )
    #expect(
      found.policies.map(\.reason) == [
        "none of its 3 ingress rules allows it", "it has no ingress rule, which denies all",
      ]
    )
    #expect(found.verdict.policy == "shop/p" && found.verdict.decision == .deny)
  }

  @Test("counts what it does not list")
  func bounded() throws {
    let blocks = try (0..<20).map { try block("192.0.2.\($0)/32") }
    let found = try explain(
      [NetworkPolicy(namespace: "shop", name: "p", ingress: [.init(ipBlocks: blocks)])],
      "10.1.2.3"
    )
    #expect(found.policies.first?.rules.first?.reasons.first?.hasSuffix("192.0.2.7/32 and 12 more") == true)
  }

  @Test("survives JSON")
  func json() throws {
    let found = try explain([NetworkPolicy(namespace: "shop", name: "p", ingress: [.init()])], "2001:db8::1")
    #expect(try AdminJSON.decode(Explanation.self, from: AdminJSON.encode(found)) == found)
  }

  @Test("without a snapshot says that none is loaded")
  func noSnapshot() throws {
    let found = PolicyTable.passEverything.explain(.outbound, peer: IPAddress(v4: 1), port: 1, transport: .tcp)
    #expect(found.verdict == VerdictDescription(decision: .allow, reason: "no policy is loaded"))
    #expect(found.policies.isEmpty && found.revision == nil)
  }
}
