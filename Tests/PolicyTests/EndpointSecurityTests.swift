import MeshModel
import Testing

@testable import Policy

@Suite("How endpoints are spoken to")
struct EndpointSecurityTests {
  private func table(_ policy: TrafficPolicy) throws -> RequestTable {
    let ports = [80, 443, 90].map { Service.Port(port: UInt16($0)) }
    let mesh = MeshConfiguration(
      services: [
        Service(namespace: "shop", name: "web", ports: ports), Service(namespace: "shop", name: "other", ports: ports),
      ],
      traffic: [policy]
    )
    return RequestTable(try Snapshot(policies: [], mesh: mesh).mesh, for: try Workload(namespace: "shop"))
  }

  @Test("is what the rule of the service says, and at a port what is said of that")
  func byPort() throws {
    let server = UpstreamTLS.Server(
      authorities: "/ca.pem",
      name: "web.test",
      alternativeNames: ["A.b", "x://y", "::1"]
    )
    let policy = TrafficPolicy(
      namespace: "shop",
      name: "p",
      targets: [.service("web")],
      tls: .simple(server),
      portTLS: [.init(443, .disable), .init(90, nil)]
    )
    let table = try table(policy)
    func security(_ service: String, _ port: UInt16) throws -> EndpointSecurity? {
      table.security(of: try #require(table.port(namespace: "shop", service: service, port: port)))
    }
    let address = try #require(IPAddress("::1"))
    guard case .tls(let tls)? = try security("web", 80) else {
      Issue.record("no TLS")
      return
    }
    #expect(tls.serverName == .fixed("web.test") && tls.authorities == "/ca.pem" && tls.own == nil)
    #expect(tls.names == .any(dns: ["a.b"], addresses: [address], uris: ["x://y"]))
    #expect(try security("web", 443) == .plaintext)
    #expect(try security("web", 90) == nil && security("other", 80) == nil)
  }

  @Test("is what the rule of the most specific host in its namespace says, where none is of the service itself")
  func byHost() throws {
    let hosts = ["*.example.com", "api.eu.example.com", "*.eu.example.com"]
    func security(_ targets: [TrafficPolicy.Target], in namespace: String = "shop") throws -> EndpointSecurity? {
      let services = [Service(namespace: "shop", name: "web", ports: [.init(port: 80)], hosts: ["api.eu.example.com"])]
      let modes: [UpstreamTLS] = [.disable, .mesh, .simple(.init())]
      let rules = zip(targets, modes).enumerated().map { index, rule in
        TrafficPolicy(namespace: namespace, name: "p\(index)", targets: [rule.0], tls: rule.1)
      }
      let snapshot = try Snapshot(policies: [], mesh: MeshConfiguration(services: services, traffic: rules))
      return RequestTable(snapshot.mesh, for: try Workload(namespace: "shop")).security(of: 0)
    }
    let targets = hosts.map { TrafficPolicy.Target.host($0) }
    #expect(try security(targets) == .mesh, "the whole name")
    #expect(try security([targets[0], targets[2]]) == .mesh && security([targets[2], targets[0]]) == .plaintext)
    #expect(try security([.service("web"), targets[1]]) == .plaintext, "the service's own name")
    #expect(try security([.host("example.com"), .host("*.api.eu.example.com")]) == nil)
    #expect(try security(targets, in: "desk") == nil)
  }

  @Test("asks for, and verifies, the name that the program asked for where the rule gives none")
  func asked() throws {
    let own = UpstreamTLS.OwnCertificate(chain: "/c.pem", key: "/k.pem")
    for (tls, expected) in [(UpstreamTLS.simple(.init()), nil), (.mutual(.init(), own), own)] {
      let table = try table(TrafficPolicy(namespace: "shop", name: "p", targets: [.service("web")], tls: tls))
      let port = try #require(table.port(namespace: "shop", service: "web", port: 80))
      guard case .tls(let found)? = table.security(of: port) else {
        Issue.record("no TLS")
        return
      }
      #expect(found.serverName == .asked && found.names == .asked && found.authorities == nil && found.own == expected)
    }
  }

  @Test("is told of a request's service")
  func clauses() throws {
    let tls = UpstreamTLS.simple(.init(name: "web.test"))
    let table = try table(TrafficPolicy(namespace: "shop", name: "p", targets: [.service("web")], tls: tls))
    #expect(
      table.mesh.trafficClauses(service: "shop/web", route: nil) == [
        "shop/p: endpoints are spoken to by TLS (SIMPLE) as web.test, vouched for by whom the host trusts"
      ]
    )
    #expect(table.mesh.trafficClauses(service: "shop/web", route: nil, isArriving: true) == [])
  }
}
