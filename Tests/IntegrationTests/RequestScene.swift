import Foundation
import MeshModel
import Testing
import WeftTestKit

/// A proxy that serves requests by documents, which the real `weft compile` made a snapshot of.
struct RequestScene {
  let scene: ProxyScene
  private let files: TemporaryDirectory

  /// A service's virtual address in these tests; nobody has it.
  static let virtual = SocketAddress(IPAddress(v4: 0x0a60_000a), port: 80)

  /// The proxy beside the client in `pods`, with `documents` in force.
  static func outbound(
    in pods: TwoPods,
    _ documents: String = "",
    _ options: ProxyUnderTest.Options = .init()
  ) throws -> RequestScene {
    try Redirect.apply(to: pods.client, inbound: nil)
    return try RequestScene(in: pods.client, pods, documents, options)
  }

  /// The proxy beside the server, as workload `app=web` of the namespace `default`.
  static func inbound(
    in pods: TwoPods,
    _ documents: String = "",
    _ options: ProxyUnderTest.Options = .init()
  ) throws -> RequestScene {
    try Redirect.apply(to: pods.server, outbound: nil)
    return try RequestScene(in: pods.server, pods, documents, options)
  }

  private init(in pod: Pod, _ pods: TwoPods, _ documents: String, _ options: ProxyUnderTest.Options) throws {
    files = try TemporaryDirectory()
    var options = options
    if !documents.isEmpty {
      let snapshot = files.file("snapshot.json")
      let source = try files.write("mesh.yaml", documents)
      try runWeft(["compile", "-f", source, "-o", snapshot]).orThrow()
      options.arguments += ["--snapshot", snapshot, "--labels", "app=web"]
    }
    scene = ProxyScene(pods: pods, proxy: try ProxyUnderTest(in: pod, options))
  }

  var proxy: ProxyUnderTest { scene.proxy }

  /// Puts other documents into force, and waits until they are.
  func replace(_ documents: String) throws { try replace(with: compile(documents)) }

  /// Documents that `replace` puts into force at once: compiling them takes a busy machine seconds.
  struct Compiled {
    fileprivate let path: String
  }

  /// Makes documents ready to be put into force.
  func compile(_ documents: String) throws -> Compiled {
    let source = try files.write("mesh.yaml", documents)
    let compiled = Compiled(path: files.file("next.json"))
    try runWeft(["compile", "-f", source, "-o", compiled.path]).orThrow()
    return compiled
  }

  /// Puts these documents into force, and waits until every worker goes by them.
  func replace(with documents: Compiled) throws {
    let count = proxy.records.count
    guard rename(documents.path, files.file("snapshot.json")) == 0 else {
      throw TestKitError("cannot rename \(documents.path)")
    }
    try proxy.record("of the new documents", after: count) { $0["EVENT"] == "snapshot-loaded" }
    // The record is written when the documents are on their way to the workers. They answer this after having read them.
    _ = try proxy.admin("/v1/connections?limit=1")
  }

  /// Waits until the proxy has begun with the request for `path`.
  func waitForRequest(_ path: String) throws {
    try eventually("\(path) to be under way") {
      let text = try proxy.admin("/v1/connections")
      return try JSONDecoder().decode(ConnectionList.self, from: Data(text.utf8)).connections
        .contains { $0.request?.path == path }
    }
  }

  /// A client's connection to `address`; to the service's virtual address where none is given.
  func client(_ address: SocketAddress = virtual) throws -> RequestStream { RequestStream(try scene.dial(address)) }

  /// The record of the request whose head was refused with `detail`.
  func record(ofRefusal detail: String) throws -> LogRecord {
    try proxy.record("of a request refused for \(detail)") { $0["DETAIL"] == detail }
  }

  /// The record of the request for `path`, query included.
  func record(of path: String, after count: Int = 0) throws -> LogRecord {
    try proxy.record("of a request for \(path)", after: count) {
      $0["PATH"] == path && $0["EVENT"]?.hasPrefix("request") == true
    }
  }
}

/// The documents that these tests are made of, in their shortest form.
enum Documents {
  /// A service and a slice for each of its endpoints, so that each may have a port of its own.
  static func service(
    _ name: String = "web",
    at address: SocketAddress? = nil,
    portName: String = "http",
    endpoints: [SocketAddress],
    forwardsClients: Bool = false
  ) -> String {
    let annotations = forwardsClients ? ", annotations: {weft.mesh/forwards-clients: \"true\"}" : ""
    let service = """
      ---
      {apiVersion: v1, kind: Service, metadata: {name: \(name)\(annotations)},
       spec: {clusterIP: \(address.map { "\($0.ip)" } ?? "None"), ports: [{name: \(portName), port: 80}]}}

      """
    let slices = endpoints.enumerated().map { index, endpoint in
      """
      ---
      {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice,
       metadata: {name: \(name)-\(index), labels: {kubernetes.io/service-name: \(name)}},
       addressType: \(endpoint.ip.isIPv4 ? "IPv4" : "IPv6"),
       endpoints: [{addresses: ["\(endpoint.ip)"]}], ports: [{name: \(portName), port: \(endpoint.port)}]}

      """
    }
    return service + slices.joined()
  }

  /// The service `web` at the virtual address.
  static func web(_ endpoints: SocketAddress...) -> String {
    service(at: RequestScene.virtual, endpoints: endpoints)
  }

  /// A route of `service` with these rules, in flow style: `[{...}, {...}]`.
  static func route(_ rules: String, of service: String = "web", hostnames: String = "[]") -> String {
    """
    ---
    {apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: \(service)},
     spec: {parentRefs: [{group: "", kind: Service, name: \(service), port: 80}],
            \(hostnames == "[]" ? "" : "hostnames: \(hostnames),") rules: \(rules)}}

    """
  }

  /// An AuthorizationPolicy for every workload of the namespace.
  static func authorization(_ name: String = "rules", _ action: String, rules: String, isDryRun: Bool = false) -> String
  {
    let annotations = isDryRun ? ", annotations: {istio.io/dry-run: \"true\"}" : ""
    return """
      ---
      {apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: {name: \(name)\(annotations)},
       spec: {action: \(action), rules: \(rules)}}

      """
  }

  /// Faults or limits of the service `web`.
  static func traffic(_ spec: String, for target: String = "{group: \"\", kind: Service, name: web}") -> String {
    """
    ---
    {apiVersion: gateway.envoyproxy.io/v1alpha1, kind: BackendTrafficPolicy, metadata: {name: web},
     spec: {targetRefs: [\(target)], \(spec)}}

    """
  }
}
