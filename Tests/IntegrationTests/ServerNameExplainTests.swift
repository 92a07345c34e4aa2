import Foundation
import MeshModel
import Testing
import WeftTestKit

/// `weft explain --sni` asks the proxy that then gets the very hello: what is explained must be what is done.
@Suite("What is explained of a TLS client is what is done with it")
struct ServerNameExplainTests {
  private let pods: TwoPods
  private let authority: OutsideAuthority
  private let servers: [OutsideServer]
  /// Where programs think that everybody is.
  private let original: SocketAddress
  private static let answers: [UInt16: String] = [443: "original", 9_443: "api", 9_444: "next"]

  init() throws {
    pods = try TwoPods()
    let ip = pods.serverEnd.v4
    original = SocketAddress(ip, port: 443)
    authority = try OutsideAuthority()
    let certificate = try authority.issue("server", "DNS:*.out.test")
    let pod = pods.server
    servers = try Self.answers.map { port, answer in
      try OutsideServer(in: pod, on: SocketAddress(ip, port: port), certificate, answer: answer)
    }
  }

  /// A hello: the name that it asks for, none where it is empty, and where it dials; to `original` where nothing is said.
  private struct Hello {
    let name: String
    var address: String?
    var port: UInt16 = 443

    init(_ name: String, at address: String? = nil, port: UInt16 = 443) {
      (self.name, self.address, self.port) = (name, address, port)
    }
  }

  /// Virtual addresses, which nobody has.
  private enum Virtual {
    static let (api, web, empty) = ("10.96.0.77", "10.96.0.78", "10.96.0.79")
    static let (walled, asking) = ("10.96.0.80", "10.96.0.81")
  }

  private static let hellos: [Hello] = [
    // By hosts.
    .init("direct.out.test"), .init("DIRECT.out.test"), .init("a.direct.out.test"), .init("a.b.direct.out.test"),
    .init("xdirect.out.test"),
    .init("inner.direct.out.test"), .init("nobody.out.test"), .init("direct.out.test", port: 8_443),
    .init("requests.out.test"),
    // By the mesh's names.
    .init("next"), .init("next.default"), .init("next.default.svc.cluster.local"), .init("next.elsewhere"),
    // By TLSRoutes.
    .init("a.api.out.test"), .init("b.api.out.test"), .init("c.api.out.test"), .init("x.c.api.out.test"),
    .init("none.api.out.test"),
    .init("lost.api.out.test"), .init("shared.api.out.test"), .init("api"),
    // By the address dialled.
    .init("a.api.out.test", at: Virtual.api), .init("unknown.out.test", at: Virtual.api), .init("", at: Virtual.api),
    .init("direct.out.test", at: Virtual.api), .init("direct.out.test", at: Virtual.web),
    .init("direct.out.test", at: Virtual.empty),
    .init("direct.out.test", at: Virtual.walled), .init("direct.out.test", at: Virtual.asking),
    // By nothing, and what is forbidden or cannot be reached.
    .init(""), .init("walled.out.test"), .init("direct.out.test", at: "203.0.113.5"), .init("empty"),
    .init("meshed.out.test"),
  ]

  private func documents() -> String {
    let (api, next) = ("{address: \(original.ip)}", "{address: \(original.ip)}")
    func entry(_ name: String, _ hosts: String, _ port: Int, at virtual: String? = nil, _ endpoints: String) -> String {
      let text = Documents.outside(
        name,
        hosts,
        ports: "{number: 443, name: tls, protocol: TLS, targetPort: \(port)}",
        endpoints: endpoints
      )
      return virtual.map { text.replacing("spec: {hosts", with: "spec: {addresses: [\($0)], hosts") } ?? text
    }
    return entry("api", "'*.api.out.test', api.out.test", 9_443, at: Virtual.api, api)
      + entry("next", "next.default.mesh", 9_444, next)
      + entry("direct", "direct.out.test, '*.direct.out.test'", 9_443, api)
      + entry("inner", "inner.direct.out.test", 9_444, next)
      + empty
      + entry("walled", "walled.out.test", 9_443, at: Virtual.walled, "{address: 203.0.113.5}")
      + entry("asking", "asking.out.test", 9_443, at: Virtual.asking, api)
      + entry("meshed", "meshed.out.test", 9_443, api)
      + Documents.outside(
        "requests",
        "requests.out.test",
        ports: "{number: 443, name: http, protocol: HTTP, targetPort: 9443}",
        endpoints: api
      ).replacing("spec: {hosts", with: "spec: {addresses: [\(Virtual.web)], hosts")
      + Documents.destination("asking.out.test", tls: "{mode: SIMPLE}")
      .replacing("metadata: {name: asking.out.test}", with: "metadata: {name: asking}")
      + Documents.destination("meshed.out.test", tls: "{mode: ISTIO_MUTUAL}")
      .replacing("metadata: {name: meshed.out.test}", with: "metadata: {name: meshed}")
      + route("a", "a.api.out.test, '*.c.api.out.test'", "{name: next, port: 443}")
      + route("b", "'*.api.out.test'", "{name: api, port: 443}")
      + route("none", "none.api.out.test", "{name: api, port: 443, weight: 0}")
      + route("shared", "shared.api.out.test", "{name: api, port: 443}, {name: next, port: 443, weight: 2}")
      + wall
  }

  private func route(_ name: String, _ hostnames: String, _ backends: String) -> String {
    """
    ---
    {apiVersion: gateway.networking.k8s.io/v1alpha3, kind: TLSRoute, metadata: {name: \(name)},
     spec: {parentRefs: [{group: "", kind: Service, name: api, port: 443}], hostnames: [\(hostnames)],
            rules: [{backendRefs: [\(backends)]}]}}

    """
  }

  /// A service without an endpoint.
  private var empty: String {
    """
    ---
    {apiVersion: v1, kind: Service, metadata: {name: empty},
     spec: {clusterIP: \(Virtual.empty), ports: [{name: tls, port: 443}]}}

    """
  }

  /// Lets the workload out to whom these tests have, and to nobody else.
  private var wall: String {
    """
    ---
    {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: wall},
     spec: {podSelector: {}, policyTypes: [Egress],
            egress: [{to: [{ipBlock: {cidr: \(original.ip)/32}}, {ipBlock: {cidr: 10.96.0.0/16}}]}]}}

    """
  }

  private func explained(_ hello: Hello, _ scene: RequestScene) throws -> (ServerNameExplanation, code: Int32) {
    let run = try runWeft([
      "explain", "--sni", hello.name, "--to", "\(hello.address ?? "\(original.ip)"):\(hello.port)", "-o", "json",
      "--run-directory", scene.proxy.runDirectory.path,
    ])
    return (try JSONDecoder().decode(ServerNameExplanation.self, from: Data(run.output.utf8)), run.code)
  }

  /// What curl gets; who asks for no name goes by the address.
  private func get(_ hello: Hello) throws -> Outcome {
    let address = hello.address ?? "\(original.ip)"
    let host = hello.name.isEmpty ? address : hello.name
    let place = ["--resolve", "\(host):\(hello.port):\(address)"]
    let arguments = ["-sk", "--max-time", "15"] + (hello.name.isEmpty ? [] : place)
    return try Command("curl", arguments + ["https://\(host):\(hello.port)/"]).with(\.pod, pods.client).run()
  }

  private func agree(_ hello: Hello, _ scene: RequestScene) throws -> ServerNameExplanation {
    let (expected, code) = try explained(hello, scene)
    let count = scene.proxy.records.count
    let outcome = try get(hello)
    let what = Comment(rawValue: "\(hello): \(expected.outcome), \(expected.refusal ?? expected.summary)\n\(outcome)")
    // Nobody listens on the port of those that are not led from there.
    let isDeadEnd = expected.outcome == .originalDestination && hello.port != original.port
    #expect(outcome.succeeded == (expected.refusal == nil && !isDeadEnd), what)
    #expect(code == (expected.refusal == nil ? 0 : 1), what)
    guard expected.outcome != .requestsOnly else { return expected }
    let record = try scene.proxy.record("of \(hello)", after: count) {
      ["connection-closed", "connection-failed", "connection-denied"].contains($0["EVENT"])
    }
    if let reason = expected.closeReason { #expect(record["REASON"] == reason, "\(what) \(record)") }
    guard expected.refusal == nil, !isDeadEnd else { return expected }
    let reached = expected.backends.filter(\.takesConnections)
    #expect(record["ROUTE"] == (expected.rule.isEmpty ? nil : expected.rule), "\(what) \(record)")
    guard let endpoint = record["ENDPOINT"].flatMap({ SocketAddress($0) }) else {
      #expect(expected.outcome == .originalDestination && record["SERVICE"] == nil, "\(what) \(record)")
      #expect(outcome.output == "original", what)
      return expected
    }
    #expect(
      reached.contains { $0.service == record["SERVICE"] && $0.endpoints.contains { $0.address == endpoint } },
      what
    )
    #expect(outcome.output == Self.answers[endpoint.port], what)
    return expected
  }

  @Test("by its name, its routes and where it dials: whether it is refused and why, route, service and endpoint")
  func agrees() throws {
    let scene = try RequestScene.outbound(in: pods, documents())
    var outcomes: [ServerNameExplanation.Outcome: Int] = [:]
    for hello in Self.hellos { outcomes[try agree(hello, scene).outcome, default: 0] += 1 }
    // Each must be there, or agreement says little.
    for outcome: ServerNameExplanation.Outcome in [
      .direct, .routed, .noRoute, .noBackend, .originalDestination, .requestsOnly, .unreachable,
    ] {
      #expect(outcomes[outcome, default: 0] > 0, "\(outcomes)")
    }
  }

  @Test("of names that a workload may not ask for")
  func refused() throws {
    let scene = try RequestScene.outbound(in: pods, documents() + Documents.registryOnly)
    for hello in [Hello("unknown.out.test"), .init("direct.out.test"), .init("")] {
      let expected = try agree(hello, scene)
      #expect((expected.outcome == .refused) == (hello.name == "unknown.out.test"))
    }
  }
}
