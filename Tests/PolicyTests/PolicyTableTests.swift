import MeshModel
import Policy
import Testing

@Suite("A policy table")
struct PolicyTableTests {
  private let web: Workload
  private let office: IPBlock

  init() throws {
    web = try Workload(namespace: "shop", labels: ["app": "web"])
    office = try block("10.0.0.0/8", except: "10.1.0.0/16")
  }

  private func table(_ policies: NetworkPolicy...) throws -> PolicyTable {
    PolicyTable(try Snapshot(policies: policies), for: web)
  }

  private func decide(
    _ table: PolicyTable,
    _ peer: String,
    _ port: UInt16 = 80,
    _ transport: Transport = .tcp,
    direction: Direction = .inbound
  ) throws -> Verdict {
    table.decide(direction, peer: try #require(IPAddress(peer)), port: port, transport: transport)
  }

  @Test("passes everything, and says so, where no snapshot is loaded")
  func noSnapshot() throws {
    let verdict = try decide(.passEverything, "192.0.2.1")
    #expect(verdict.isAllowed)
    #expect(
      PolicyTable.passEverything.describe(verdict)
        == VerdictDescription(decision: .allow, reason: "no policy is loaded")
    )
  }

  @Test("leaves a direction open that no policy restricts")
  func notRestricted() throws {
    let table = try table(NetworkPolicy(namespace: "shop", name: "in", ingress: []))
    let verdict = try decide(table, "192.0.2.1", direction: .outbound)
    #expect(
      table.describe(verdict)
        == VerdictDescription(decision: .allow, reason: "no policy restricts the workload's egress")
    )
  }

  @Test("denies all where a policy restricts and has no rule, and names it")
  func defaultDeny() throws {
    let table = try table(NetworkPolicy(namespace: "shop", name: "in", ingress: []))
    let verdict = try decide(table, "192.0.2.1")
    #expect(
      table.describe(verdict)
        == VerdictDescription(
          decision: .deny,
          policy: "shop/in",
          reason: "the workload's ingress is restricted and no rule allows it"
        )
    )
  }

  @Test("ignores policies of other namespaces and for other labels")
  func selection() throws {
    let table = try table(
      NetworkPolicy(namespace: "other", name: "in", ingress: []),
      NetworkPolicy(namespace: "shop", name: "db", podSelector: LabelSelector(matchLabels: ["app": "db"]), ingress: [])
    )
    #expect(try decide(table, "192.0.2.1").reason == .notRestricted)
  }

  @Test("allows what any rule of any policy allows, and names the first")
  func union() throws {
    let table = try table(
      NetworkPolicy(namespace: "shop", name: "a", ingress: []),
      NetworkPolicy(
        namespace: "shop",
        name: "b",
        ingress: [
          .init(ports: [PortMatch(.tcp, 22...22)]), .init(ipBlocks: [office], ports: [PortMatch(.tcp, 80...90)]),
        ]
      )
    )
    let verdict = try decide(table, "10.2.3.4", 85)
    #expect(
      table.describe(verdict)
        == VerdictDescription(decision: .allow, policy: "shop/b", rule: "ingress[1]", reason: "a rule allows it")
    )
    #expect(try !decide(table, "10.2.3.4", 91).isAllowed)
    #expect(try !decide(table, "10.1.3.4", 85).isAllowed)
    #expect(try !decide(table, "10.2.3.4", 85, .udp).isAllowed)
    #expect(try decide(table, "10.1.3.4", 22).isAllowed)
  }

  @Test("keeps the families apart: neither 0.0.0.0/0 nor ::/0 covers the other")
  func families() throws {
    let all4 = try block("0.0.0.0/0")
    let all6 = try block("::/0")
    let four = try table(NetworkPolicy(namespace: "shop", name: "p", ingress: [.init(ipBlocks: [all4])]))
    let six = try table(NetworkPolicy(namespace: "shop", name: "p", ingress: [.init(ipBlocks: [all6])]))
    for (address, isFour) in [
      ("192.0.2.1", true), ("0.0.0.0", true), ("255.255.255.255", true), ("::1", false),
      ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false), ("::fffe:ffff:ffff", false), ("::1:0:0:0", false),
    ] {
      #expect(try decide(four, address).isAllowed == isFour)
      #expect(try decide(six, address).isAllowed == !isFour)
    }
  }

  @Test("keeps a verdict in eight bytes")
  func size() { #expect(MemoryLayout<Verdict>.size <= 8) }
}
