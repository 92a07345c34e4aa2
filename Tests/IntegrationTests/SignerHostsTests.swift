import Foundation
import MeshModel
import Testing
import WeftTestKit

@Suite("Proxies whose certificates a host has signed that has lost the authority's role")
struct SignerHostsTests {
  @Test("end what was proven by them in half a minute, refuse them anew at once, and go on by another's")
  func revoked() throws {
    let scene = try HostsScene(2, pods: 2)
    try scene.grant(1)
    let (shop, web) = (scene.link.pods[2], scene.link.pods[3])
    let address = SocketAddress(scene.link.ends[3].v4, port: 8080)
    func identify(_ account: String, _ pod: Pod, by host: Int) throws -> ProxyUnderTest {
      try scene.agents[host].weft("identity", "register", "--service-account", account, "--pod", pod.name).orThrow()
      let proxy = try ProxyUnderTest(
        in: pod,
        .init("--agent", scene.agents[host].socket, "--service-account", account, "--drain-timeout", "1")
      )
      try proxy.record("its identity") { $0["EVENT"] == "identity-given" }
      return proxy
    }
    try Redirect.apply(to: shop, inbound: nil)
    try Redirect.apply(to: web)
    try shop.ip("route", "add", "default", "via", "\(scene.link.ends[1].v4)")
    // The client's is signed by the second host, the server's by the first.
    let (near, far) = (try identify("shop", shop, by: 1), try identify("web", web, by: 0))
    let server = try WebServer(in: web, on: address.ip, port: address.port, answer: "hello")
    try scene.agents[0].weft(
      "register",
      "--name",
      "web",
      "--port",
      "\(address.port)",
      "--address",
      "\(address.ip)",
      "--service-account",
      "web"
    ).orThrow()
    for host in 0..<2 { try eventually("host \(host + 1) knows it") { try scene.knows(host, "\(address)") } }
    let url = "http://\(address)/"
    func get() throws -> String {
      try Command("curl", ["-sS", "--max-time", "20", "-w", " %{http_code}", url]).with(\.pod, shop).run().output
    }
    func connections() -> Int { far.records.filter { $0["EVENT"] == "peer-connected" }.count }
    try eventually("requests go from proxy to proxy") { try get() == "hello 200" && connections() > 0 }
    let before = connections()

    try scene.agents[0].weft("authority", "revoke", "h2").orThrow()
    let end = try far.record("of the end", within: .seconds(30)) {
      $0["EVENT"] == "peer-ended" && $0.message.contains("lost the authority's role")
    }
    #expect(end["PEER_IDENTITY"] == "spiffe://weft.local/ns/default/sa/shop", "\(end)")
    try eventually("they go by a certificate of the first host's") {
      try get() == "hello 200" && connections() > before
    }
    withExtendedLifetime((near, server)) {}
  }
}
