import MeshModel
import Policy
import WeftTestKit

/// Meshes and requests of few, similar parts, so that they meet: each value stands for a kind of its own.
struct RandomMesh {
  var random: SplitMix64

  static let endpoint = SocketAddress(IPAddress(v4: 0x0a02_0007), port: 8080)
  static let virtual = SocketAddress(IPAddress(v4: 0x0a60_000a), port: 80)
  /// Of the workload itself, of a member, of a forwarder, of a peer that the agent knows, and of nobody.
  static let peers = [0x0a02_0007, 0x0a02_0008, 0x0a02_0009, 0x0a02_000a, 0xc000_0201].map { IPAddress(v4: $0) }

  mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &random) == 0 }

  mutating func pick<Element>(_ first: Element, _ more: Element...) -> Element {
    more.isEmpty ? first : ([first] + more)[Int.random(in: 0...more.count, using: &random)]
  }

  mutating func some<Element>(_ range: ClosedRange<Int>, _ make: (inout Self) -> Element) -> [Element] {
    (0..<Int.random(in: range, using: &random)).map { _ in make(&self) }
  }

  /// The standing of peers that no service names.
  mutating func standings() -> [IPAddress: PeerStanding] {
    [Self.peers[3]: PeerStanding(isEndpoint: chance(2), forwardsClients: chance(2))]
  }

  /// `number` is in the names of limits: under a new name they count anew.
  mutating func mesh(_ number: Int) -> MeshConfiguration {
    func endpoint(_ index: Int) -> Endpoint { Endpoint(SocketAddress(Self.peers[index], port: 80)) }
    var services = [
      Service(
        namespace: "default",
        name: "web",
        addresses: [Self.virtual.ip],
        ports: [.init(port: 80, appProtocol: pick(.unspecified, .http), endpoints: [Endpoint(Self.endpoint)])]
      ),
      Service(namespace: "default", name: "member", ports: [.init(port: 80, endpoints: [endpoint(1)])]),
      Service(
        namespace: "default",
        name: "edge",
        ports: [.init(port: 80, endpoints: [endpoint(2)])],
        forwardsClients: true
      ),
    ]
    if chance(4) { services.removeFirst() }
    return MeshConfiguration(
      services: services,
      routes: chance(3) ? [] : [route()],
      authorizations: (0..<pick(0, 1, 2, 3)).map { authorization("a\($0)") },
      authentications: chance(2) ? [] : [authentication()],
      traffic: chance(2) ? [] : [traffic("t\(number)")],
      sidecars: chance(4) ? [SidecarPolicy(namespace: "default", name: "s", outboundMode: .registryOnly)] : []
    )
  }

  private mutating func route() -> HTTPRoute {
    HTTPRoute(
      namespace: "default",
      name: "web",
      parents: [.init(namespace: "default", service: "web", port: pick(nil, 80))],
      hostnames: pick([], [], ["web.test"]),
      rules: some(1...3) { $0.rule() }
    )
  }

  private mutating func rule() -> HTTPRoute.Rule {
    let isRedirect = chance(4)
    return HTTPRoute.Rule(
      matches: some(0...2) { mesh in
        HTTPRoute.Match(
          path: mesh.pick(nil, .prefix("/a"), .exact("/a/b")),
          method: mesh.pick(nil, nil, "GET"),
          headers: mesh.pick(
            [],
            [],
            [.init(name: "x-a", value: "1")],
            [.init(name: "l5d-client-id", value: "x")],
            [.init(name: "x-forwarded-for", value: "198.51.100.7")]
          )
        )
      },
      filters: isRedirect ? [.redirect(.init(hostname: "x"))] : [],
      backends: isRedirect
        ? []
        : pick(
          [],
          [.init(namespace: "default", service: "member", port: 80, weight: 1)],
          [.init(namespace: "default", service: "nobody", port: 80, weight: 1)]
        )
    )
  }

  private mutating func authorization(_ name: String) -> AuthorizationPolicy {
    AuthorizationPolicy(
      namespace: "default",
      name: name,
      action: pick(.allow, .deny, .deny, .audit),
      isDryRun: chance(4),
      rules: some(0...2) { mesh in
        AuthorizationPolicy.Rule(
          from: mesh.some(0...1) { $0.source() },
          to: mesh.some(0...1) { $0.operation() },
          when: mesh.some(0...1) { $0.condition() }
        )
      }
    )
  }

  private mutating func source() -> AuthorizationPolicy.Source {
    var source = AuthorizationPolicy.Source()
    let blocks = ["10.2.0.8/31", "198.51.100.0/24", "192.0.2.0/24"].compactMap { IPPrefix($0) }
    switch pick(0, 1, 2, 3) {
    case 0: source.ipBlocks = [blocks.randomElement(using: &random)].compactMap { $0 }
    case 1: source.remoteIPBlocks = [blocks.randomElement(using: &random)].compactMap { $0 }
    case 2: source.notRemoteIPBlocks = [blocks.randomElement(using: &random)].compactMap { $0 }
    default: source.requestPrincipals = [TextMatch(pick("*", "https://id.example/alice", "https://id.example/bob"))]
    }
    return source
  }

  private mutating func operation() -> AuthorizationPolicy.Operation {
    var operation = AuthorizationPolicy.Operation()
    switch pick(0, 1, 1, 2, 3, 4) {
    case 0: operation.hosts = [TextMatch(pick("web", "*.test"))]
    case 1: operation.paths = [TextMatch(pick("/a", "/a/*", "*b"))]
    case 2: operation.notPaths = [TextMatch("/a*")]
    case 3: operation.methods = [TextMatch("GET")]
    default: operation.ports = [pick(8080, 9)]
    }
    return operation
  }

  private mutating func condition() -> AuthorizationPolicy.Condition {
    switch pick(0, 0, 0, 1, 2) {
    case 1: .init(.remoteIP, values: [TextMatch(pick("10.2.0.8", "198.51.100.0/24"))])
    case 2: .init(.destinationPort, values: [TextMatch(pick("8080", "9"))])
    default:
      .init(
        pick(
          .header("x-a"),
          .header("x-sub"),
          .header("authorization"),
          .header("x-forwarded-for"),
          .header("l5d-client-id"),
          .claim(["role"])
        ),
        values: [TextMatch(pick("*", "1", "alice", "admin"))]
      )
    }
  }

  private mutating func traffic(_ name: String) -> TrafficPolicy {
    TrafficPolicy(
      namespace: "default",
      name: name,
      targets: [pick(.service("web"), .route("web"))],
      fault: chance(2) ? nil : .init(abortStatus: 418, abortPartsPerMillion: pick(1_000_000, 0)),
      rateLimits: some(0...2) { mesh in
        .init(
          headers: mesh.pick([], [.init(name: "x-a", value: "1")]),
          source: mesh.pick(nil, nil, IPPrefix("198.51.100.0/24")),
          isPerClient: mesh.chance(2),
          requests: RandomMesh.allowance,
          period_s: 86_400
        )
      }
    )
  }

  /// Requests a day of every limit: what a test takes of a limit is not given back within its time.
  static let allowance: UInt32 = 2
}
