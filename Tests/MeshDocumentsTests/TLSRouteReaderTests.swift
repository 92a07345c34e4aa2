import MeshDocuments
import MeshModel
import Testing

@Suite("TLSRoute documents")
struct TLSRouteReaderTests {
  private static let parent = "parentRefs: [{group: '', kind: Service, name: api, port: 443}]"
  private static let rules = "rules: [{backendRefs: [{name: next, port: 443, weight: 3}, {name: api, port: 443}]}]"
  private static let services = ["api", "next"].map { name in
    """
    ---
    {apiVersion: v1, kind: Service, metadata: {name: \(name)}, spec: {ports: [{port: 443}]}}

    """
  }.joined()

  private func text(_ spec: String) -> String {
    """
    apiVersion: gateway.networking.k8s.io/v1alpha3
    kind: TLSRoute
    metadata: {name: p}
    spec: {\(spec)}

    """
  }

  @Test("say by the name that a TLS client asks for where its connection goes")
  func whole() throws {
    let reading = read(
      text("\(Self.parent), hostnames: [a.example.com, '*.example.org'], \(Self.rules)") + Self.services
    )
    #expect(reading.issues.map(\.description) == [])
    let route = try #require(reading.snapshot?.mesh.routes.first)
    #expect(route.kind == .tls && route.key == "default/p (TLSRoute)")
    #expect(route.parents == [.init(namespace: "default", service: "api", port: 443)])
    #expect(route.hostnames == ["a.example.com", "*.example.org"])
    #expect(route.rules.map { $0.backends.map(\.weight) } == [[3, 1]])
    #expect(try Snapshot.decode(reading.snapshot?.encode() ?? []) == reading.snapshot)
  }

  @Test(
    "are refused where they would not be done as written",
    arguments: [
      (
        "parentRefs: [{name: api}], \(rules)",
        "spec.parentRefs[0]: means a Gateway, since kind or group is left out; a mesh's route is for services: write kind: Service, group: \"\""
      ),
      ("\(parent)", "spec: rules is missing; wanted is rules: [{backendRefs: [{name: ..., port: 443}]}]"),
      ("\(parent), rules: []", "spec.rules: is an empty list; give it an entry or leave it out"),
      (
        "\(parent), rules: [{backendRefs: [{name: api, port: 443}]}, {backendRefs: [{name: next, port: 443}]}]",
        "spec.rules: has more than one rule, and the first takes every connection; write a TLSRoute for each"
      ),
      (
        "\(parent), rules: [{name: a}]",
        "spec.rules[0]: backendRefs is missing; wanted is backendRefs: [{name: ..., port: 443}]"
      ),
      (
        "\(parent), rules: [{matches: [], backendRefs: [{name: api, port: 443}]}]",
        "spec.rules[0].matches: is a request's, and of a TLS connection no request is seen; write hostnames"
      ),
      (
        "\(parent), rules: [{backendRefs: [{name: api}]}]",
        "spec.rules[0].backendRefs[0]: port is missing; a service as a backend needs one"
      ),
      (
        "\(parent), hostnames: ['192.0.2.1'], \(rules)",
        "spec.hostnames[0]: \"192.0.2.1\" is an address; wanted is a name"
      ),
    ]
  )
  func refused(spec: String, issue: String) {
    let found = issues(text(spec))
    #expect(found.contains { $0.hasSuffix(": \(issue)") }, "\(found)")
  }

  @Test("warn of services and ports that are not given, and are known by name to those who ask for kinds")
  func names() {
    let found = issues(text("\(Self.parent), rules: [{backendRefs: [{name: gone, port: 443}]}]") + Self.services)
    #expect(found.contains { $0.contains("service default/gone is not given") }, "\(found)")
    #expect(KindNames.kind(of: "tlsroutes") == "TLSRoute")
    #expect(KindNames.kind(of: "tlsroute.gateway.networking.k8s.io") == "TLSRoute")
  }
}
