import MeshModel
import Testing
import WeftTestKit

/// TLSRoutes: programs speak TLS themselves, and the name that they ask for says which service they get.
@Suite("A TLS client of a service with TLSRoutes")
struct TLSRouteTests {
  private let pods: TwoPods
  private let authority: OutsideAuthority
  /// Where programs think that everybody is.
  private let original: SocketAddress
  private let servers: [OutsideServer]
  private static let virtual = "10.96.0.77"

  init() throws {
    pods = try TwoPods()
    authority = try OutsideAuthority()
    let ip = pods.serverEnd.v4
    original = SocketAddress(ip, port: 443)
    let certificate = try authority.issue("server", "DNS:*.example.com,DNS:*.example.org,DNS:shop.test")
    let pod = pods.server
    servers = try [(443, "original"), (9_443, "api"), (9_444, "next")].map { port, answer in
      try OutsideServer(in: pod, on: SocketAddress(ip, port: port), certificate, answer: "\(answer) $ssl_server_name")
    }
  }

  /// The services `api`, which has outside names and a virtual address, and `next`, with the routes of a test.
  private func scene(_ routes: String..., apiAt endpoint: IPAddress? = nil) throws -> RequestScene {
    try RequestScene.outbound(in: pods, documents(routes, apiAt: endpoint))
  }

  private func documents(_ routes: [String], apiAt endpoint: IPAddress? = nil) -> String {
    let api = Documents.outside(
      "api",
      "'*.example.com', '*.example.org'",
      ports: "{number: 443, name: tls, protocol: TLS, targetPort: 9443}",
      endpoints: "{address: \(endpoint ?? original.ip)}"
    ).replacing("spec: {hosts", with: "spec: {addresses: [\(Self.virtual)], hosts")
    let next = Documents.outside(
      "next",
      "next.default.mesh",
      ports: "{number: 443, name: tls, protocol: TLS, targetPort: 9444}",
      endpoints: "{address: \(original.ip)}"
    )
    return api + next + routes.joined()
  }

  private func route(_ name: String, _ hostnames: String, to backends: String) -> String {
    let names = hostnames.isEmpty ? "" : "hostnames: [\(hostnames)], "
    return """
      ---
      {apiVersion: gateway.networking.k8s.io/v1alpha3, kind: TLSRoute, metadata: {name: \(name)},
       spec: {parentRefs: [{group: "", kind: Service, name: api, port: 443}],
              \(names)rules: [{backendRefs: [\(backends)]}]}}

      """
  }

  private func get(_ name: String, at address: String? = nil) throws -> Outcome {
    let place = "\(name):443:\(address ?? original.ip.description)"
    let arguments = ["-s", "--max-time", "15", "--cacert", authority.root, "--resolve", place, "https://\(name)/"]
    return try Command("curl", arguments).with(\.pod, pods.client).run()
  }

  @Test(
    "gets to the backend of the route that has its name, and is told nothing of it: the certificate is the server's"
  )
  func named() throws {
    let scene = try scene(
      route("next", "a.example.com, '*.example.org'", to: "{name: next, port: 443}"),
      route("rest", "'*.example.com'", to: "{name: api, port: 443}")
    )
    #expect(try get("a.example.com").output == "next a.example.com")
    #expect(try get("b.example.org").output == "next b.example.org")
    #expect(try get("b.example.com").output == "api b.example.com")
    let record = try scene.proxy.record("of the first") { $0["SNI"] == "a.example.com" }
    #expect(record["ROUTE"] == "default/next/rule0" && record["SERVICE"] == "default/next:443", "\(record)")
    #expect(record["EVENT"] == "connection-closed" && record["ENDPOINT"] == "\(original.ip):9444", "\(record)")
  }

  @Test("is refused where no route has its name, and where the one that has it has no backend with a weight")
  func refused() throws {
    let scene = try scene(route("none", "a.example.com", to: "{name: next, port: 443, weight: 0}"))
    for name in ["a.example.com", "b.example.com"] {
      let outcome = try get(name)
      #expect(!outcome.succeeded && outcome.output.isEmpty, "\(outcome)")
      let record = try scene.proxy.record("of \(name)") { $0["SNI"] == name }
      #expect(record["REASON"] == "no-route" && record["FLAGS"] == "NR", "\(record)")
      #expect(record["SERVICE"] == "default/api:443" && record["EVENT"] == "connection-failed", "\(record)")
      #expect(record["ROUTE"] == (name == "a.example.com" ? "default/none/rule0" : nil), "\(record)")
    }
  }

  @Test("gets to backends by their weights, and by other weights when the documents change")
  func weights() throws {
    let scene = try scene(route("r", "", to: "{name: next, port: 443, weight: 0}, {name: api, port: 443, weight: 5}"))
    #expect(try Set((0..<8).map { _ in try get("a.example.com").output }) == ["api a.example.com"])
    let even = "{name: next, port: 443}, {name: api, port: 443}"
    try scene.replace(documents([route("r", "", to: even)]))
    let both = try Set((0..<40).map { _ in try get("a.example.com").output })
    #expect(both == ["api a.example.com", "next a.example.com"])
  }

  @Test(
    "that dials the service's address is led by the name that it asks for, though no endpoint of the service answers"
  )
  func dialled() throws {
    let scene = try scene(route("r", "shop.test", to: "{name: next, port: 443}"), apiAt: pods.clientEnd.v4)
    #expect(try get("shop.test", at: Self.virtual).output == "next shop.test")
    let record = try scene.proxy.record("of it") { $0["SNI"] == "shop.test" }
    #expect(
      record["ROUTE"] == "default/r/rule0" && record["ORIGINAL_DESTINATION"] == "\(Self.virtual):443",
      "\(record)"
    )
  }
}
