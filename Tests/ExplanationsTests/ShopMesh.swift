import Explanations
import MeshModel

/// A mesh with one service, `shop/web:80`, served by 10.2.0.7:8080 and, not ready, by 10.2.0.8:8080.
enum ShopMesh {
  static let endpoint = SocketAddress(IPAddress(v4: 0x0a02_0007), port: 8080)
  static let asleep = SocketAddress(IPAddress(v4: 0x0a02_0008), port: 8080)
  static let address = IPAddress(v4: 0x0a60_000a)
  static let stranger = IPAddress(v4: 0xc000_0201)

  static var service: Service {
    Service(
      namespace: "shop",
      name: "web",
      addresses: [address],
      ports: [.init(port: 80, endpoints: [Endpoint(endpoint), Endpoint(asleep, isReady: false)])]
    )
  }

  /// Who judges for `shop`'s workloads, labelled `app=web`.
  static func judge(
    _ mesh: MeshConfiguration = MeshConfiguration(services: [service]),
    _ policies: [NetworkPolicy] = []
  ) throws -> RequestJudge {
    RequestJudge(
      try Snapshot(policies: policies, mesh: mesh),
      for: try Workload(namespace: "shop", labels: ["app": "web"])
    )
  }

  /// Forbids what `direction` is, but for `blocks`.
  static func policy(_ direction: Direction, only blocks: [IPBlock]) -> NetworkPolicy {
    let rules = [NetworkPolicy.Rule(ipBlocks: blocks, ports: [])]
    return NetworkPolicy(
      namespace: "shop",
      name: "wall",
      podSelector: LabelSelector(),
      ingress: direction == .inbound ? rules : nil,
      egress: direction == .outbound ? rules : nil
    )
  }

  /// Denies, or is only tried on, requests for `path`.
  static func deny(path: String, isDryRun: Bool = false) -> AuthorizationPolicy {
    var operation = AuthorizationPolicy.Operation()
    operation.paths = [TextMatch(path)]
    let rules = [AuthorizationPolicy.Rule(to: [operation])]
    return AuthorizationPolicy(namespace: "shop", name: "no", action: .deny, isDryRun: isDryRun, rules: rules)
  }

  /// Allows only requests whose header `name` is `value`.
  static func allow(header name: String, _ value: String) -> AuthorizationPolicy {
    let condition = AuthorizationPolicy.Condition(.header(name), values: [TextMatch(value)])
    return AuthorizationPolicy(namespace: "shop", name: "only", rules: [.init(when: [condition])])
  }
}
