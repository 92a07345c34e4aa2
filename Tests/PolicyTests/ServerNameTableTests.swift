import MeshModel
import Testing
import WeftTestKit

@testable import Policy

@Suite("The name that a TLS client asks for")
struct ServerNameTableTests {
  private func table(_ services: [Service]) throws -> RequestTable {
    RequestTable(
      try Snapshot(policies: [], mesh: MeshConfiguration(services: services)).mesh,
      for: try Workload(namespace: "shop")
    )
  }

  private func service(
    _ name: String,
    in namespace: String = "shop",
    _ hosts: [String],
    ports: [UInt16] = [443],
    _ appProtocol: Service.AppProtocol = .tls
  ) -> Service {
    Service(
      namespace: namespace,
      name: name,
      ports: ports.map { .init(name: "p\($0)", port: $0, appProtocol: appProtocol) },
      hosts: hosts
    )
  }

  private func found(_ table: RequestTable, _ name: String, _ port: UInt16 = 443) -> String? {
    Array(name.utf8).withUnsafeBytes { table.port(serverName: $0, port) }.map { table.ports[$0].fullName }
  }

  @Test("leads to the service that has it, in any case, by the port dialled")
  func whole() throws {
    let table = try table([
      service("api", ["api.example.com"], ports: [443, 8443]), service("www", ["www.example.com", "example.com"]),
      service("plain", ["plain.example.com"], .http),
    ])
    #expect(found(table, "api.example.com") == "shop/api:443")
    #expect(found(table, "API.Example.COM.", 8443) == "shop/api:8443")
    #expect(found(table, "example.com") == "shop/www:443" && found(table, "www.example.com") == "shop/www:443")
    for unknown in ["", ".", "com", "xexample.com", "api.example.co", "api.example.comm", "plain.example.com", "a\0b"] {
      #expect(found(table, unknown) == nil, "\(unknown)")
    }
    #expect(found(table, "www.example.com", 8443) == nil)
  }

  @Test("leads by the longest * where no service has it whole, which stands for one label or more and never for none")
  func wild() throws {
    let table = try table([
      service("all", ["*.example.com"]), service("inner", ["*.eu.example.com"]), service("one", ["a.eu.example.com"]),
    ])
    #expect(found(table, "a.eu.example.com") == "shop/one:443")
    #expect(found(table, "b.EU.example.com") == "shop/inner:443")
    #expect(found(table, "a.b.eu.example.com") == "shop/inner:443")
    #expect(found(table, "eu.example.com") == "shop/all:443")
    #expect(found(table, "x.y.example.com") == "shop/all:443")
    #expect(found(table, "example.com") == nil && found(table, ".example.com") == nil)
  }

  @Test("leads to a service of the mesh by the mesh's names before all")
  func mesh() throws {
    let table = try table([service("web", in: "bank", ["web.shop.mesh.example"]), service("api", ["*.mesh"])])
    #expect(found(table, "web.bank.mesh") == "bank/web:443" && found(table, "api") == "shop/api:443")
    #expect(found(table, "web.shop.mesh.example") == "bank/web:443")
  }

  @Test("leads to the own namespace's service where two have it, then to the first by name")
  func several() throws {
    let table = try table([
      service("a", in: "bank", ["x.test", "y.test"]), service("b", in: "bank", ["y.test"]), service("z", ["x.test"]),
    ])
    #expect(found(table, "x.test") == "shop/z:443" && found(table, "y.test") == "bank/a:443")
  }

  @Test("leads where a walk over all names leads: 20,000 seeded names")
  func agreement() throws {
    var random = SplitMix64(seed: 20_261_130)
    func name(_ random: inout SplitMix64) -> String {
      (0..<Int.random(in: 1...3, using: &random)).map { _ in ["a", "b", "ab"].randomElement(using: &random) ?? "a" }
        .joined(separator: ".") + ".test"
    }
    var hits = 0
    for _ in 0..<200 {
      let services = (0..<Int.random(in: 1...6, using: &random)).map { index in
        let hosts = (0..<2).map { _ in (Bool.random(using: &random) ? "*." : "") + name(&random) }
        return service("s\(index)", Array(Set(hosts)).sorted())
      }
      let table = try table(services)
      for _ in 0..<100 {
        let asked = name(&random)
        let wanted = services.filter { $0.hosts.contains(asked) }.map(\.name).min() ?? longest(services, asked)
        #expect(found(table, asked) == wanted.map { "shop/\($0):443" }, "\(services.map(\.hosts)) \(asked)")
        hits += wanted == nil ? 0 : 1
      }
    }
    #expect(hits > 5_000)
  }

  /// The service with the longest `*.` that holds the name.
  private func longest(_ services: [Service], _ name: String) -> String? {
    services.flatMap { service in
      service.hosts.filter { $0.hasPrefix("*.") && name.hasSuffix($0.dropFirst()) }.map {
        (-$0.utf8.count, service.name)
      }
    }
    .min { $0 < $1 }?.1
  }

  @Test("is that of requests too, on ports where they may come, and never one for the other")
  func requests() throws {
    let table = try table([
      service("web", ["api.example.com", "*.example.org"], ports: [80], .http),
      service("api", ["api.example.com"]), service("any", ["any.example.com"], ports: [8080], .unspecified),
      service("bare", ["bare.example.com"], ports: [90], .tcp),
    ])
    func asked(_ host: String, _ port: UInt16) -> String? {
      Array(host.utf8).withUnsafeBytes { table.port(named: $0, port) }.map { table.ports[$0].fullName }
    }
    #expect(asked("API.example.com", 80) == "shop/web:80" && asked("a.b.example.org.", 80) == "shop/web:80")
    #expect(asked("any.example.com", 8080) == "shop/any:8080" && asked("web", 80) == "shop/web:80")
    #expect(asked("api.example.com", 443) == nil && asked("bare.example.com", 90) == nil)
    for host in [
      "API.example.com", "a.b.example.org.", "any.example.com:8080", "api.example.com:443", "web", "x.example.com",
    ] {
      let explained = table.explain(try ImaginedRequest(url: "http://\(host)/")).destination
      let parts = host.split(separator: ":")
      let found = asked(String(parts[0]), parts.count > 1 ? UInt16(parts[1]) ?? 0 : 80)
      #expect(explained.service == found ?? "", "\(host)")
    }
    #expect(found(table, "api.example.com", 80) == nil && found(table, "any.example.com", 8080) == nil)
    for port: UInt16 in [80, 90, 443, 8080] { #expect(table.hasPort(port)) }
    for port: UInt16 in [0, 79, 81, 444, 65_535] { #expect(!table.hasPort(port)) }
  }
}
