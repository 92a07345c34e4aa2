import MeshModel
import WeftTestKit

/// Requests that leave a workload, and the documents that say where they go.
enum ExplainedOutbound {
  /// Virtual addresses, which nobody has.
  static let plain = SocketAddress(IPAddress(v4: 0x0a60_000b), port: 80)
  static let broken = SocketAddress(IPAddress(v4: 0x0a60_000c), port: 80)
  static let walled = SocketAddress(IPAddress(v4: 0x0a60_000d), port: 80)
  static let empty = SocketAddress(IPAddress(v4: 0x0a60_000e), port: 80)
  /// No service's address, and forbidden by NetworkPolicy.
  static let forbidden = SocketAddress(IPAddress(v4: 0xcb00_7105), port: 80)

  static let requests: [ExplainedRequest] = [
    // Rules.
    .init("/cart"), .init("/cart/x", method: "POST"), .init("/cartoon"), .init("/old"), .init("/gone"),
    .init("/nowhere"), .init("/beta", "X-Beta: 1"), .init("/beta", "x-beta: 2"),
    .init("/beta", "X-Beta: 1", "X-Beta: 2"),
    .init("/search?q=7"), .init("/search?q=x"), .init("/search?q=x&q=7"), .init("/none-weighted"),
    .init("/get", method: "get"),
    .init("/id", "L5d-Client-Id: admin"), .init("/id"), .init("/cart%2Fx"), .init("/x/../cart"), .init("//cart"),
    .init("/edited"), .init("/edited/x?y=z"), .init("/old/"), .init("/old?x=1"), .init("/old", method: "POST"),
    .init("/beta", "X-BETA:   1  "), .init("/beta", "X-Beta: 1,2"), .init("/search?q=%37"), .init("/search?Q=7"),
    .init("/cart?"), .init("/cart", method: "OPTIONS"), .init("/CART"), .init("/gone/x"),
    // Names.
    .init("/cart", host: "WEB"), .init("/cart", host: "web."), .init("/cart", host: "web:80"),
    .init("/cart", host: "web.default"), .init("/cart", host: "web.default.svc"),
    .init("/cart", host: "web.default.mesh"),
    .init("/cart", host: "web.default.svc.cluster.local"), .init("/cart", host: "web.elsewhere"),
    .init("/cart", host: "unknown.test"), .init("/x", host: "plain"), .init("/cart", host: "web", to: plain),
    .init("/x", host: "unknown.test", to: plain),
    .init("/cart", host: "Web.Default.Svc.Cluster.Local."), .init("/cart", host: "web..default"),
    .init("/cart", host: ".web"),
    .init("/cart", host: "web_x"), .init("/x", host: "10.96.0.11", to: plain), .init("/x", host: "[2001:db8::1]"),
    .init("/x", host: "plain:8080", to: plain), .init("/x", host: "plain"), .init("/x", host: "other"),
    .init("/x", host: "other.default:80", to: plain), .init("/x", host: "web.default.svc.elsewhere", to: plain),
    // Faults, endpoints, policies.
    .init("/x", host: "broken", to: broken), .init("/fault"), .init("/x", host: "walled", to: walled),
    .init("/x", host: "empty", to: empty), .init("/x", host: "web", to: forbidden),
    // What is refused before.
    .init("/cart", "x-weft-hops: 31"), .init("/cart", "x-weft-hops: 32"), .init("/cart", "Transfer_Encoding: chunked"),
    .init("/cart", "Connection: x-beta", "X-Beta: 1"), .init("/beta", "Connection: x-beta", "X-Beta: 1"),
  ]

  /// `web` with routes, sent to `own` or `other`, and services with one thing the matter each.
  static func documents(_ own: SocketAddress, _ other: SocketAddress) -> String {
    Documents.web(own) + Documents.service("other", endpoints: [other])
      + Documents.service("plain", at: plain, endpoints: [other])
      + Documents.service("broken", at: broken, endpoints: [own])
      + Documents.service("walled", at: walled, endpoints: [forbidden])
      + Documents.service("empty", at: empty, endpoints: [])
      + Documents.route(
        """
        [{name: cart, matches: [{path: {value: /cart}}], backendRefs: [{name: web, port: 80}]},
         {name: old, matches: [{path: {type: Exact, value: /old}}],
          filters: [{type: RequestRedirect, requestRedirect: {path: {type: ReplaceFullPath, replaceFullPath: /new}, statusCode: 301}}]},
         {name: gone, matches: [{path: {value: /gone}}], backendRefs: [{name: nobody, port: 80}]},
         {name: beta, matches: [{path: {value: /beta}, headers: [{name: x-beta, value: "1"}]}], backendRefs: [{name: other, port: 80}]},
         {name: search, matches: [{queryParams: [{name: q, type: RegularExpression, value: "[0-9]+"}]}], backendRefs: [{name: other, port: 80}]},
         {name: weightless, matches: [{path: {value: /none-weighted}}], backendRefs: [{name: web, port: 80, weight: 0}]},
         {name: get, matches: [{path: {value: /get}, method: GET}]},
         {name: id, matches: [{path: {value: /id}, headers: [{name: l5d-client-id, value: admin}]}], backendRefs: [{name: other, port: 80}]},
         {name: edited, matches: [{path: {value: /edited}}],
          filters: [{type: URLRewrite, urlRewrite: {hostname: next.test, path: {type: ReplacePrefixMatch, replacePrefixMatch: /new}}}],
          backendRefs: [{name: web, port: 80, weight: 1}, {name: other, port: 80, weight: 1}]}]
        """
      )
      + faults + wall(own) + Documents.everythingRecorded
  }

  private static let faults = """
    ---
    {apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: faulty},
     spec: {parentRefs: [{group: "", kind: Service, name: web, port: 80}],
            rules: [{name: all, matches: [{path: {value: /fault}}], backendRefs: [{name: web, port: 80}]}]}}
    ---
    {apiVersion: gateway.envoyproxy.io/v1alpha1, kind: BackendTrafficPolicy, metadata: {name: broken},
     spec: {targetRefs: [{group: "", kind: Service, name: broken},
                         {group: gateway.networking.k8s.io, kind: HTTPRoute, name: faulty}],
            faultInjection: {abort: {httpStatus: 418, percentage: 100}}}}

    """

  /// Lets the workload out to whom these tests have, and to nobody else.
  private static func wall(_ own: SocketAddress) -> String {
    """
    ---
    {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: wall},
     spec: {podSelector: {}, policyTypes: [Egress],
            egress: [{to: [{ipBlock: {cidr: \(own.ip)/32}}, {ipBlock: {cidr: 10.96.0.0/16}}]}]}}

    """
  }
}
