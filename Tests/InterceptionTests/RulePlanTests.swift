import MeshModel
import Testing

@testable import Interception

@Suite("The plan")
struct RulePlanTests {
  private func specifications(_ plan: FamilyPlan, _ table: TableName, _ chain: ChainName) -> [String] {
    plan[table]?.chains.first { $0.name == chain }?.rules.map { $0.specification(plan.family) } ?? []
  }

  @Test("what is excluded is decided before what is included")
  func exclusionsFirst() {
    var options = CaptureOptions()
    options.excludeOutboundPorts = [.quic]
    options.includeOutboundPorts = [.quic]
    options.includeOutboundPrefixes = .only([])
    let rules = specifications(RulePlan(options)[.v4], .nat, .select)
    #expect(rules.count == 2)
    #expect(rules[0].hasSuffix("-j RETURN"))
    #expect(rules[1].contains("-j REDIRECT"))
  }

  @Test("a family that cannot be captured is refused by the same selection, before redirection would go")
  func refusal() {
    let plan = RulePlan(CaptureOptions(), uncapturable: [.v6])
    #expect(plan[.v4].mode == .capture)
    #expect(plan[.v6].mode == .refuse)
    #expect(plan[.v6].tables.map(\.name) == [.filter, .nat, .raw])
    #expect(plan[.v4].tables.map(\.name) == [.raw, .nat, .filter])
    #expect(specifications(plan[.v6], .filter, .select).allSatisfy { $0.contains("REJECT --reject-with tcp-reset") })
    #expect(plan[.v6][.nat]?.chains.isEmpty == true)
  }

  @Test("prefixes reach only the rules of their family")
  func families() {
    var options = CaptureOptions()
    options.excludeOutboundPrefixes = ["10.0.0.0/8", "2001:db8::/32"].compactMap { IPPrefix($0) }
    #expect(specifications(RulePlan(options)[.v4], .nat, .select).count { $0.contains("-d ") } == 1)
    #expect(specifications(RulePlan(options)[.v6], .nat, .select)[0].hasPrefix("-d 2001:db8::/32"))
  }

  @Test("only first packets of a connection are redirected or refused, so older ones live on")
  func firstPackets() {
    for plan in RulePlan(CaptureOptions(), uncapturable: [.v6]).families {
      for hook in plan.tables.flatMap(\.hooks) { #expect(hook.rule.matches.contains(.newConnection)) }
    }
  }

  @Test("what is redirected to the mesh's name server is what has a zone, or answers would belong to no query")
  func namesZone() {
    var options = CaptureOptions()
    options.captureDNS = true
    options.excludeUsers = [998]
    options.excludeInterfaces = [InterfaceName("eth1")].compactMap(\.self)
    options.excludeOutboundPrefixes = ["10.96.0.10/32", "2001:db8::53/128"].compactMap { IPPrefix($0) }
    for plan in RulePlan(options).families {
      let zone = specifications(plan, .raw, .namesZone)
      let redirection = specifications(plan, .nat, .names)
      #expect(zone.dropFirst(2).dropLast() == redirection.dropLast(2)[...])
      #expect(zone.count == 3 + 4 + (plan.family == .v6 ? 1 : 0))
      #expect(redirection.suffix(2).allSatisfy { $0.hasSuffix("-j REDIRECT --to-ports 15053") })
      #expect(specifications(plan, .nat, .outbound)[0].hasSuffix("-j WEFT_DNS"), "before all that is left alone")
    }
  }

  @Test("in a family that is not captured, DNS is refused and nothing is put into table raw")
  func refusedNames() {
    var options = CaptureOptions()
    options.captureDNS = true
    options.families = .v4
    let plan = RulePlan(options)[.v6]
    #expect(plan[.raw]?.chains.isEmpty == true)
    let verdicts = specifications(plan, .filter, .names).suffix(2)
    #expect(verdicts.first?.hasSuffix("REJECT --reject-with icmp6-port-unreachable") == true)
    #expect(verdicts.last?.hasSuffix("REJECT --reject-with tcp-reset") == true)
  }

  @Test("the kernel features it needs are named once a table")
  func features() {
    let names = KernelFeature.needed(by: RulePlan(CaptureOptions())[.v4]).filter { $0.table == .nat }.map(\.name)
    #expect(
      names == [
        "table nat", "match owner", "match comment", "match addrtype", "target REDIRECT", "match tcp",
      ]
    )
  }

  @Test("what a probe may expect agrees with the rules")
  func selection() throws {
    var options = CaptureOptions()
    options.includeInboundPorts = .only([.quic])
    options.excludeOutboundPorts = [.dns]
    let there = IPAddress(v4: 0xc000_0201)
    #expect(options.selectsInbound(443))
    #expect(!options.selectsInbound(80))
    #expect(!options.selectsInbound(15001))
    #expect(options.selectsOutbound(SocketAddress(there, port: 80)))
    #expect(!options.selectsOutbound(SocketAddress(there, port: 53)))
    #expect(!options.selectsNames(there))
    options.captureDNS = true
    #expect(!options.selectsNames(there), "port 53 is excluded")
    options.excludeOutboundPorts = []
    #expect(options.selectsNames(there))
    options.excludeUsers = [65534]
    #expect(options.ordinaryOwner.user == 65533)
  }
}
