@testable import Discovery
import MeshModel

/// Short ways to say what a mesh is made of.
enum Samples {
  static func ip(_ text: String) -> IPAddress { IPAddress(text) ?? IPAddress(v4: 0) }

  static func endpoint(_ text: String) -> Endpoint {
    Endpoint(text) ?? Endpoint(SocketAddress(ip("192.0.2.1"), port: 1))
  }

  /// A service of one port, 80.
  static func service(
    _ name: String,
    in namespace: String = "shop",
    at addresses: String...,
    endpoints: [String] = [],
    forwardsClients: Bool = false
  ) -> Service {
    Service(
      namespace: namespace,
      name: name,
      addresses: addresses.map(ip),
      ports: [.init(port: 80, endpoints: endpoints.map(endpoint))],
      forwardsClients: forwardsClients
    )
  }

  /// A route of a service that sends everything to others.
  static func route(
    _ name: String,
    in namespace: String = "shop",
    of service: String,
    to backends: String...
  ) -> HTTPRoute {
    HTTPRoute(
      namespace: namespace,
      name: name,
      parents: [.init(namespace: "shop", service: service)],
      rules: [.init(backends: backends.map { .init(namespace: "shop", service: $0, port: 80) })]
    )
  }

  static func node(
    _ namespace: String = "shop",
    labels: [String: String] = [:],
    at addresses: String...
  ) throws -> ProxyNode {
    ProxyNode(
      id: "proxy-1",
      workload: try Workload(namespace: namespace, labels: labels),
      addresses: addresses.map(ip)
    )
  }
}

extension ResourceCatalog {
  /// The answer to a lookup by a resource's name, as a text: `shop/web`, `endpoint`, `forwarder` or `-`.
  func answer(_ name: String, in namespace: String = "shop") -> String {
    guard let answer = lookup(name, namespace) else { return "-" }
    let standing = answer.forwardsClients ? "forwarder" : answer.isEndpoint ? "endpoint" : ""
    return [answer.service, standing].filter { !$0.isEmpty }.joined(separator: " ")
  }
}

extension Set<ResourceKey> {
  /// `service shop/web` and so on, in order.
  var texts: [String] { sorted().map(\.description) }
}
