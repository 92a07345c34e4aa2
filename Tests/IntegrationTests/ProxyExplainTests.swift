import MeshModel
import Testing
import WeftTestKit

@Suite("The proxy explains requests")
struct ProxyExplainTests {
  /// A service whose one endpoint is `address`, dialled by that endpoint's port, and who may ask it what.
  private static func documents(_ address: SocketAddress) -> String {
    """
    apiVersion: v1
    kind: Service
    metadata: {name: web}
    spec: {clusterIP: 10.96.0.10, ports: [{port: \(address.port), targetPort: \(address.port)}]}
    ---
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}
    addressType: IPv4
    ports: [{port: \(address.port)}]
    endpoints: [{addresses: [\(address.ip)]}]
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: web}
    spec:
      parentRefs: [{group: "", kind: Service, name: web}]
      rules:
        - {name: cart, matches: [{path: {value: /cart}}]}
        - {name: gone, matches: [{path: {value: /gone}}], backendRefs: [{name: nobody, port: 80}]}
    ---
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: {name: no-admin}
    spec: {action: DENY, rules: [{to: [{operation: {paths: [/admin]}}]}]}
    ---
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: {name: watch}
    spec: {action: AUDIT, rules: [{}]}

    """
  }

  private let scene: ProxyScene
  private let listener: PodListener
  private let directory: TemporaryDirectory

  init() throws {
    let pods = try TwoPods()
    try Redirect.apply(to: pods.client, inbound: nil)
    listener = try PodListener(in: pods.server, on: SocketAddress(pods.serverEnd.v4, port: 0))
    directory = try TemporaryDirectory()
    try directory.write("mesh.yaml", Self.documents(listener.address))
    let compiled = try runWeft(["compile", "-f", directory.file("mesh.yaml"), "-o", directory.file("snapshot.json")])
    try #require(compiled.succeeded, "\(compiled)")
    var options = ProxyUnderTest.Options()
    options.arguments = ["--snapshot", directory.file("snapshot.json")]
    scene = ProxyScene(pods: pods, proxy: try ProxyUnderTest(in: pods.client, options))
  }

  private func weft(_ arguments: String..., more: [String] = []) throws -> Outcome {
    try runWeft(arguments + more + ["--run-directory", scene.proxy.runDirectory.path])
  }

  private var port: UInt16 { listener.address.port }

  @Test("with the rule that takes them and what its workers know of the endpoints, and sends nothing")
  func outbound() throws {
    let unasked = try weft("explain", "--request", "GET http://web:\(port)/cart?x=1")
    #expect(unasked.code == 0, "\(unasked)")
    #expect(unasked.output.hasPrefix("outbound GET http://web:\(port)/cart?x=1: forwarded\n"))
    #expect(unasked.output.contains("\n  default/web/cart matches[0]: takes it: path /cart starts with /cart\n"))
    #expect(unasked.output.contains("  \(listener.address)  ready  no zone  allowed"))
    #expect(unasked.output.contains("no worker has met it"))
    #expect(throws: SocketFailure.self) { try listener.accept(within: .milliseconds(100)) }

    let client = try scene.dial(listener.address)
    try client.send("GET /cart?secret=1 HTTP/1.1\r\nHost: web:\(port)\r\n\r\n")
    let server = try listener.accept()
    _ = try server.receive()
    let asked = try weft("explain", "--request", "GET http://web:\(port)/cart")
    #expect(asked.output.contains(" 1 under way, 0 idle connections"), "\(asked)")

    let live = try weft("connections")
    #expect(live.output.contains("  1, now GET web:\(port)/cart  "), "\(live)")
    #expect(!live.output.contains("secret"))
    let id = try #require(live.output.split(separator: "\n").last?.split(separator: " ").first)
    #expect(
      try weft("explain", String(id)).output.contains("outbound to \(listener.address.ip) port \(port)/TCP: allowed")
    )

    try server.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    _ = try client.receive()
    let idle = try weft("connections", "-o", "json")
    #expect(idle.output.contains("\"requests\" : 1") && !idle.output.contains("\"request\" :"), "\(idle)")
  }

  @Test("that would be refused, with exit code 1")
  func refused() throws {
    let unrouted = try weft("explain", "--request", "http://web:\(port)/other")
    #expect(unrouted.code == 1 && unrouted.output.contains("so it is answered 404"), "\(unrouted)")
    let to = "\(listener.address)"
    let arguments = ["--direction", "inbound", "--from", "192.0.2.1", "--to", to]
    for (path, code) in [("/admin", Int32(1)), ("/a", 0)] {
      let run = try weft("explain", "--request", "http://web//a/..\(path)", more: arguments)
      #expect(run.code == code, "\(run)")
      #expect(run.output.contains("  path: //a/..\(path) becomes \(path); policies speak of paths"))
    }
  }

  @Test("and says in weft check what of its documents cannot work, and what decides nothing")
  func check() throws {
    let run = try weft("check")
    #expect(run.code == 1)
    #expect(
      run.output.contains(
        "  mesh        1 service, 1 endpoint, 1 route, 2 authorization policies (2 for this workload)"
      )
    )
    #expect(run.output.contains(", format \(Snapshot.formatVersion), loaded "))
    #expect(
      run.output.contains(
        "  ! route default/web/gone sends to default/nobody:80, which is not there: they are answered 500\n"
      )
    )
    #expect(run.output.contains("  i AuthorizationPolicy default/watch only audits: it denies nothing\n"))
  }
}
