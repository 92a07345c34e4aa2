import MeshModel
import Policy
import Testing

@testable import Discovery

@Suite("Names of lookups")
struct LookupKeyTests {
  static let hosts = [
    "web", "web.shop", "WEB.Shop.svc", "web.shop.svc.cluster.local", "web.shop.mesh", "web.shop.mesh.", "web.",
    "web.other", "web.shop.other", "www.web.shop.mesh", "web..mesh", ".shop", "", ".", "10.1.2.3",
    "web.shop.svc.cluster",
    "[::1]", "we b", "web.shop.mesh..",
  ]

  @Test("A host is asked for exactly where a table that has the service would find it", arguments: hosts)
  func sameAsTables(_ host: String) throws {
    let mesh = MeshConfiguration(services: [Samples.service("web")])
    let table = RequestTable(mesh, for: try Workload(namespace: "shop"))
    var text = host
    let found = text.withUTF8 { table.port(named: UnsafeRawBufferPointer($0), 80) } != nil
    let key = LookupKey(host: host, in: "shop")
    #expect((key == .host(namespace: "shop", service: "web")) == found)
  }

  @Test("What a program writes becomes one name")
  func names() {
    #expect(LookupKey(host: "Web", in: "shop")?.name == "host/web.shop.mesh")
    #expect(LookupKey(host: "web.shop.svc.cluster.local.", in: "other")?.name == "host/web.shop.mesh")
    #expect(LookupKey.address(Samples.ip("fd00:0::1")).name == "address/fd00::1")
  }

  @Test(
    "A name in no normal form is no lookup",
    arguments: [
      "host/Web.shop", "host/web.shop.", "address/10.1.2.03", "address/FD00::1", "address/", "web", "host/", "",
    ]
  )
  func normalForm(_ name: String) {
    #expect(LookupKey(name: name, in: "shop") == nil)
  }

  @Test("Every name of a service is read back as that service")
  func allNames() {
    let service = Samples.service("web")
    for name in LookupKey.names(of: service) {
      #expect(LookupKey(name: name, in: "shop") == .host(namespace: "shop", service: "web"))
    }
    #expect(LookupKey.names(of: service).count == 5)
    #expect(LookupKey.names(of: Samples.service("web.v2")).isEmpty)
  }
}
