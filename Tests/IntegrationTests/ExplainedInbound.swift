import MeshModel
import WeftTestKit

/// Requests that come to a workload, and the documents they are judged by.
enum ExplainedInbound {
  static let requests: [ExplainedRequest] = [
    // Routes, which name what is counted.
    .init("/"), .init("/cart"), .init("/cart/x", method: "POST"), .init("/cartoon"), .init("/beta", "X-Beta: 1"),
    .init("/beta", "X-Beta: 2"), .init("/cart", host: "WEB."), .init("/cart", host: "web.default.svc.cluster.local"),
    .init("/cart", host: "other.test:8080"), .init("/search?q=7"), .init("/search?q=x"),
    // Paths under a rule on paths.
    .init("/admin"), .init("//admin/../admin/x"), .init("/a/../admin"), .init("/%61dmin"), .init("/admin%2Fx"),
    .init("/x%2Fadmin"), .init("/x%5Cadmin"), .init("/x;admin"), .init("/./cart"), .init("/administrator"),
    .init("/%zz"),
    .init("/admin/"), .init("/ADMIN"), .init("/admin?x=/ok"), .init("/cart/.."), .init("/.."), .init("/..%2fadmin"),
    .init("/%2e%2e/admin"), .init("/%2E/cart"), .init("/cart//x"), .init("/x%00y"), .init("/a%20b"),
    .init("/caf%C3%A9"),
    .init("/x\\admin"), .init("/private/..//admin"), .init("/?"),
    // Methods, hosts and headers.
    .init("/", method: "OPTIONS"), .init("/", host: "[2001:db8::1]:80"), .init("/", host: "shut.test:8080"),
    .init("/", host: "shut.test.evil"), .init("/", "X-Tenant:"), .init("/", "X-Tenant:  evil  "),
    .init("/", "X-Tenant: evil, x"),
    .init("/", method: "DELETE"), .init("/", method: "delete"), .init("/", method: "PURGE"),
    .init("/", host: "shut.test"), .init("/", host: "SHUT.test.:80"), .init("/", "X-Tenant: evil"),
    .init("/", "X-Tenant: good", "X-Tenant: evil"), .init("/", "x-tenant: Evil"),
    // Policies that only watch.
    .init("/dry"), .init("/audited"),
    // Tokens.
    .init("/private"), .init("/private", token: .good), .init("/private", token: .expired), .init("/", token: .expired),
    .init("/private", token: .forged), .init("/", "Authorization: Bearer nonsense"),
    .init("/", "Authorization: Basic eA=="), .init("/role", token: .admin), .init("/role", token: .good),
    .init("/private", "Authorization: bearer x"), .init("/", "Authorization: Bearer a", "Authorization: Bearer b"),
    .init("/?access_token=nonsense"), .init("/role", "X-Role: admin"), .init("/role", "X-Role: admin", token: .good),
    // Who asks.
    .init("/", from: .stranger), .init("/", from: .forwarder), .init("/", "X-Forwarded-For: 198.51.100.7"),
    .init("/", "X-Forwarded-For: 198.51.100.7", from: .stranger),
    .init("/", "X-Forwarded-For: 198.51.100.7", from: .forwarder),
    .init("/", "X-Forwarded-For: 198.51.100.7, 192.0.2.1", from: .forwarder),
    .init("/", "X-Forwarded-For: 192.0.2.1", "X-Forwarded-For: 198.51.100.7", from: .forwarder),
    .init("/", "X-Forwarded-For: 198.51.100.7, unknown", from: .forwarder),
    .init("/", "X-Forwarded-Client-Cert: Hash=1"), .init("/", "L5d-Client-Id: admin", from: .stranger),
    .init("/traced", "Traceparent: evil", from: .stranger), .init("/traced", "Traceparent: evil"),
    // What is refused before.
    .init("/", "X_Forwarded_For: 198.51.100.7"), .init("/", "x-weft-hops: 31"), .init("/", "x-weft-hops: 32"),
    .init("/admin", "x-weft-hops: many"), .init("/", "Content-Length: 1", "Content-Length: 2"),
    .init("/", "Transfer-Encoding: gzip"), .init("/", "Connection: x-tenant", "X-Tenant: evil"),
  ]

  /// The workload's service on `server`, and the others that ask it.
  static func documents(_ server: SocketAddress, member: IPAddress, forwarder: IPAddress, keySet: String) -> String {
    Documents.web(server)
      + Documents.service("member", endpoints: [SocketAddress(member, port: 80)])
      + Documents.service("edge", endpoints: [SocketAddress(forwarder, port: 80)], forwardsClients: true)
      + Documents.route(
        """
        [{name: cart, matches: [{path: {value: /cart}, method: GET}]},
         {name: beta, matches: [{headers: [{name: x-beta, value: "1"}]}]},
         {name: search, matches: [{path: {value: /search}, queryParams: [{name: q, type: RegularExpression, value: "[0-9]+"}]}]},
         {name: rest, matches: [{path: {value: /}}]}]
        """
      )
      + authorizations + Documents.everythingRecorded
        + """
        ---
        {apiVersion: security.istio.io/v1, kind: RequestAuthentication, metadata: {name: tokens},
         spec: {jwtRules: [{issuer: "\(TokenIssuer.name)", jwks: '\(keySet)',
                            outputClaimToHeaders: [{header: X-Role, claim: role}]}]}}

        """
  }

  private static let authorizations =
    Documents.authorization("no-admin", "DENY", rules: "[{to: [{operation: {paths: [/admin, /admin/*]}}]}]")
    + Documents.authorization("no-delete", "DENY", rules: "[{to: [{operation: {methods: [DELETE]}}]}]")
    + Documents.authorization("no-shut", "DENY", rules: "[{to: [{operation: {hosts: [shut.test]}}]}]")
    + Documents.authorization(
      "no-evil",
      "DENY",
      rules: "[{when: [{key: \"request.headers[x-tenant]\", values: [evil]}]}]"
    )
    + Documents.authorization(
      "no-office",
      "DENY",
      rules: "[{from: [{source: {remoteIpBlocks: [198.51.100.0/24]}}]}]"
    )
    + Documents.authorization(
      "no-trace",
      "DENY",
      rules:
        "[{to: [{operation: {paths: [/traced]}}], when: [{key: \"request.headers[traceparent]\", values: [evil]}]}]"
    )
    + Documents.authorization(
      "no-identity",
      "DENY",
      rules: """
        [{when: [{key: "request.headers[x-forwarded-client-cert]", values: ["*"]}]},
         {when: [{key: "request.headers[l5d-client-id]", values: ["*"]}]}]
        """
    )
    + Documents.authorization(
      "tried",
      "DENY",
      rules: "[{to: [{operation: {paths: [/dry]}}]}]",
      isDryRun: true
    )
    + Documents.authorization("watched", "AUDIT", rules: "[{to: [{operation: {paths: [/audited]}}]}]")
    + Documents.authorization(
      "allowed",
      "ALLOW",
      rules: """
        [{to: [{operation: {notPaths: [/private, /role]}}]},
         {from: [{source: {requestPrincipals: ["*"]}}], to: [{operation: {paths: [/private]}}]},
         {to: [{operation: {paths: [/role]}}], when: [{key: "request.auth.claims[role]", values: [admin]}]}]
        """
    )
}

extension Documents {
  /// Successes leave records too, all of them.
  static let everythingRecorded = """
    ---
    {apiVersion: telemetry.istio.io/v1, kind: Telemetry, metadata: {name: default},
     spec: {tracing: [{randomSamplingPercentage: 100}]}}

    """
}
