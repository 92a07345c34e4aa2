import MeshModel
import Policy
@testable import ProxyPath
import Testing

@Suite struct RequestNamingTests {
  private static let service = Service(namespace: "shop", name: "web", ports: [Service.Port(port: 80)])

  @Test("Numbers become the names of the tables that gave them, and others become nothing")
  func names() throws {
    let mesh = MeshConfiguration(services: [Self.service])
    let tables = RequestTables(
      table: RequestTable(mesh, for: .unlabelled),
      authorization: AuthorizationTable([], for: .unlabelled),
      peerRules: PeerRules([], for: .unlabelled)
    )
    #expect(tables.service(0) == "shop/web:80")
    for index in [-1, 1, .max, .min] as [Int32] {
      #expect(tables.service(index) == nil)
      #expect(tables.route(index) == nil)
    }
    let words = tables.describe(.notRestricted)
    #expect(words.description.decision == .allow && words.dryRunPolicy == nil && words.auditPolicy == nil)
  }

  @Test("A verdict names the policies that were tried or audit, beside the one that decided")
  func verdict() {
    let policies = ["deny", "try", "watch"].map { AuthorizationPolicy(namespace: "shop", name: $0, action: .deny) }
    let tables = RequestTables(
      table: .empty,
      authorization: AuthorizationTable(policies, for: .unlabelled),
      peerRules: PeerRules([], for: .unlabelled)
    )
    let words = tables.describe(
      RequestVerdict(isAllowed: false, reason: .denyMatches, policy: 0, rule: 1, dryRunPolicy: 1, auditPolicy: 2)
    )
    #expect(words.description.policy == "shop/deny" && words.description.rule == "rules[1]")
    #expect(words.dryRunPolicy == "shop/try" && words.auditPolicy == "shop/watch")
  }
}
