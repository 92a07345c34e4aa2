import MeshModel
import Policy
import Testing

@Suite("Policies for traffic")
struct RequestTrafficTests {
  private let slow = TrafficPolicy.Fault(delay_ms: 50, delayPartsPerMillion: 100_000)
  private let broken = TrafficPolicy.Fault(abortStatus: 503, abortPartsPerMillion: 10)

  private func probe(_ traffic: [TrafficPolicy], routes: Bool = true) throws -> RequestProbe {
    let route = HTTPRoute(namespace: "shop", name: "r", parents: [.web], rules: [.init(.init(path: .exact("/")))])
    return try RequestProbe(MeshConfiguration(services: .shop, routes: routes ? [route] : [], traffic: traffic))
  }

  @Test("of a service inject faults whether or not a route is attached")
  func serviceFault() throws {
    let policy = TrafficPolicy(namespace: "shop", name: "p", targets: [.service("web")], fault: slow)
    for routes in [true, false] {
      let probe = try probe([policy], routes: routes)
      let fault = try #require(try probe.table.fault(probe.choice(), port: 0))
      #expect(fault.delay_ns == 50_000_000 && fault.delayPartsPerMillion == 100_000)
      #expect(fault.abortStatus == 0 && fault.abortPartsPerMillion == 0)
      #expect(probe.table.fault(.direct, port: 1) == nil)
    }
  }

  @Test("of a route win over its service's, whole")
  func routeWins() throws {
    let service = TrafficPolicy(
      namespace: "shop",
      name: "a",
      targets: [.service("web")],
      fault: slow,
      rateLimits: [.init(requests: 1, period_s: 1)],
      loadBalancing: .roundRobin
    )
    var route = TrafficPolicy(
      namespace: "shop",
      name: "b",
      targets: [.route("r")],
      fault: broken,
      loadBalancing: .random
    )
    var found = try probe([service, route])
    #expect(found.table.rules[0].fault?.abortStatus == 503 && found.table.rules[0].fault?.delay_ns == 0)
    #expect(found.table.rules[0].rateLimits.isEmpty && found.table.rules[0].balancing == .random)
    #expect(found.table.ports[0].balancing == .roundRobin && found.table.ports[1].balancing == nil)
    route.fault = nil
    found = try probe([service, route])
    #expect(found.table.rules[0].fault == nil)
    #expect(try found.table.fault(found.choice("/other"), port: 0) == nil)
  }

  @Test("are for their own namespace alone, and the first by name counts")
  func whichPolicy() throws {
    let other = TrafficPolicy(namespace: "bank", name: "a", targets: [.service("web"), .route("r")], fault: broken)
    let second = TrafficPolicy(namespace: "shop", name: "z", targets: [.service("web")], fault: broken)
    let first = TrafficPolicy(namespace: "shop", name: "b", targets: [.service("web")], fault: slow)
    #expect(try probe([other, second, first]).table.rules[0].fault?.delay_ns == 50_000_000)
    #expect(try probe([other]).table.rules[0].fault == nil)
  }

  @Test("limit by the first rule whose selectors all match")
  func limits() throws {
    let inside = try #require(IPPrefix("10.0.0.0/8"))
    let bob = HTTPRoute.ValueMatch(name: "x-user", value: "bob")
    let policy = TrafficPolicy(
      namespace: "shop",
      name: "p",
      targets: [.service("web"), .service("a")],
      rateLimits: [
        .init(headers: [bob], source: inside, requests: 1, period_s: 1),
        .init(headers: [.init(name: "x-user", value: "(", isRegex: true)], requests: 9, period_s: 1),
        .init(headers: [.init(name: "x-user", value: "e.*", isRegex: true)], requests: 2, period_s: 60),
        .init(source: inside, isPerClient: true, requests: 3, period_s: 3_600),
      ]
    )
    let probe = try probe([policy])
    #expect(probe.table.rateLimits.count == 4, "all targets share the counters of their policy")
    #expect(probe.table.rules[0].rateLimits == 0..<4)
    #expect(probe.table.rateLimits[3].isPerClient && probe.table.rateLimits[3].period_ns == 3_600_000_000_000)
    for choice in [try probe.choice(), .direct, .noRule] {
      #expect(try probe.limit(choice, [("X-User", "bob")], from: "10.1.1.1") == "shop/p/limit0")
      #expect(try probe.limit(choice, [("X-User", "bob")], from: "192.0.2.1") == nil)
      #expect(try probe.limit(choice, [("X-User", "eve")], from: "192.0.2.1") == "shop/p/limit2")
      #expect(try probe.limit(choice, from: "10.1.1.1") == "shop/p/limit3")
    }
  }

  @Test("for telemetry: one that selects goes before one for all, and each field is the first that is given")
  func telemetry() throws {
    func settings(_ documents: [TelemetryPolicy]) throws -> TelemetrySettings {
      try RequestProbe(MeshConfiguration(telemetry: documents)).table.telemetry
    }
    let none = try settings([])
    #expect(none.sampledPartsPerMillion == nil && none.recordsSuccesses)
    let client = LabelSelector(matchLabels: ["app": "client"])
    let other = LabelSelector(matchLabels: ["app": "other"])
    let found = try settings([
      TelemetryPolicy(namespace: "shop", name: "a", sampledPartsPerMillion: 1, recordsSuccesses: false),
      TelemetryPolicy(namespace: "shop", name: "z", selector: client, sampledPartsPerMillion: 2),
      TelemetryPolicy(namespace: "shop", name: "b", selector: other, sampledPartsPerMillion: 3),
      TelemetryPolicy(namespace: "bank", name: "b", selector: client, sampledPartsPerMillion: 4),
    ])
    #expect(found.sampledPartsPerMillion == 2 && !found.recordsSuccesses)
  }

  @Test("for what the mesh does not know, by the same precedence")
  func outboundMode() throws {
    func mode(_ documents: [SidecarPolicy]) throws -> OutboundMode {
      try RequestProbe(MeshConfiguration(sidecars: documents)).table.outboundMode
    }
    let client = LabelSelector(matchLabels: ["app": "client"])
    let all = SidecarPolicy(namespace: "shop", name: "a", outboundMode: .allowAny)
    #expect(try mode([]) == .allowAny)
    #expect(try mode([SidecarPolicy(namespace: "shop", name: "b", outboundMode: .registryOnly)]) == .registryOnly)
    #expect(try mode([SidecarPolicy(namespace: "bank", name: "b", outboundMode: .registryOnly)]) == .allowAny)
    let selecting = SidecarPolicy(namespace: "shop", name: "b", selector: client, outboundMode: .registryOnly)
    #expect(try mode([all, selecting]) == .registryOnly)
  }
}
