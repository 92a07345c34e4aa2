import MeshDocuments
import MeshModel
import Testing

@Suite("DestinationRule documents")
struct DestinationRuleReaderTests {
  private func rule(_ spec: String) -> String {
    "\(document("DestinationRule", "spec: {\(spec)}"))\n---\n"
      + document("Service", "spec: {ports: [{port: 80}]}").replacing("name: p", with: "name: web")
  }

  @Test(
    "say how an endpoint is chosen, of a service by any of its names",
    arguments: [
      ("web", "ROUND_ROBIN", TrafficPolicy.LoadBalancing.roundRobin), ("web.default", "RANDOM", .random),
      ("web.default.mesh", "LEAST_REQUEST", .leastRequest),
      ("web.default.svc.cluster.local", "LEAST_CONN", .leastRequest),
      ("web.default.svc", "UNSPECIFIED", .leastRequest),
    ]
  )
  func read(host: String, word: String, balancing: TrafficPolicy.LoadBalancing) throws {
    let reading = MeshDocumentsTests.read(rule("host: \(host), trafficPolicy: {loadBalancer: {simple: \(word)}}"))
    #expect(reading.issues.map(\.description) == [])
    let policy = try #require(reading.snapshot?.mesh.traffic.first)
    #expect(
      policy == TrafficPolicy(namespace: "default", name: "p", targets: [.service("web")], loadBalancing: balancing)
    )
  }

  @Test(
    "say how endpoints are spoken to",
    arguments: [
      ("{mode: DISABLE}", UpstreamTLS.disable), ("{mode: ISTIO_MUTUAL}", .mesh), ("{mode: SIMPLE}", .simple(.init())),
      (
        "{mode: SIMPLE, sni: API.Example.com, caCertificates: /ca.pem, subjectAltNames: [a.b, 'spiffe://c/d', '::1']}",
        .simple(
          .init(authorities: "/ca.pem", name: "api.example.com", alternativeNames: ["a.b", "spiffe://c/d", "::1"])
        )
      ),
      (
        "{mode: MUTUAL, clientCertificate: /c.pem, privateKey: /k.pem}",
        .mutual(.init(), .init(chain: "/c.pem", key: "/k.pem"))
      ),
      ("{mode: SIMPLE, insecureSkipVerify: true}", .simple(.init(skipsVerification: true))),
      ("{mode: SIMPLE, insecureSkipVerify: false}", .simple(.init())),
    ]
  )
  func tls(text: String, expected: UpstreamTLS) throws {
    let ports = "portLevelSettings: [{port: {number: 90}}, {port: {number: 80}, tls: \(text)}]"
    let reading = MeshDocumentsTests.read(rule("host: web, trafficPolicy: {tls: \(text), \(ports)}"))
    let warning = "the endpoint could be anybody: whoever is in between reads and changes all"
    #expect(reading.issues.map(\.message) == (expected.server?.skipsVerification == true ? [warning, warning] : []))
    let snapshot = try #require(reading.snapshot)
    let policy = try #require(snapshot.mesh.traffic.first)
    #expect(policy.tls == expected && policy.portTLS == [.init(80, expected), .init(90, nil)])
    #expect(policy.tls(at: 1) == expected && policy.tls(at: 80) == expected && policy.tls(at: 90) == nil)
    #expect(policy.loadBalancing == nil)
    #expect(try Snapshot.decode(snapshot.encode()) == snapshot)
  }

  @Test(
    "are refused for all else, by name",
    arguments: [
      ("subsets: []", "spec.subsets: is not supported; write a Service for each, and an HTTPRoute with backendRefs"),
      ("trafficPolicy: {connectionPool: {}}", "spec.trafficPolicy.connectionPool: is not supported"),
      ("trafficPolicy: {outlierDetection: {}}", "spec.trafficPolicy.outlierDetection: is not supported"),
      ("trafficPolicy: {}", "spec.trafficPolicy: says nothing; wanted is loadBalancer or tls"),
      (
        "trafficPolicy: {tls: {mode: SIMPLE, credentialName: a}}",
        "spec.trafficPolicy.tls.credentialName: is not supported: there are no secrets of a cluster here; write clientCertificate, privateKey and caCertificates, the paths of files at the proxy"
      ),
      (
        "trafficPolicy: {tls: {mode: SIMPLE, insecureSkipVerify: true, caCertificates: /a}}",
        "spec.trafficPolicy.tls.caCertificates: does not go with insecureSkipVerify, which looks at no certificate; leave one out"
      ),
      (
        "trafficPolicy: {tls: {mode: SIMPLE, privateKey: /k}}",
        "spec.trafficPolicy.tls.privateKey: does not go with mode SIMPLE, which shows no certificate; write mode: MUTUAL"
      ),
      (
        "trafficPolicy: {tls: {mode: ISTIO_MUTUAL, sni: a.b}}",
        "spec.trafficPolicy.tls.sni: does not go with mode ISTIO_MUTUAL, whose certificates and names are the mesh's own"
      ),
      (
        "trafficPolicy: {tls: {mode: DISABLE, caCertificates: /a}}",
        "spec.trafficPolicy.tls.caCertificates: does not go with mode DISABLE, which speaks no TLS"
      ),
      (
        "trafficPolicy: {tls: {mode: MUTUAL, clientCertificate: /c}}",
        "spec.trafficPolicy.tls: privateKey is missing; wanted is privateKey: /etc/ssl/own.key"
      ),
      (
        "trafficPolicy: {tls: {mode: simple}}",
        "spec.trafficPolicy.tls.mode: \"simple\" is no mode; did you mean \"SIMPLE\"?"
      ),
      (
        "trafficPolicy: {tls: {mode: SIMPLE, caCertificates: ca.pem}}",
        "spec.trafficPolicy.tls.caCertificates: \"ca.pem\" is not the path of a file from the root on, as /etc/ssl/ca.pem"
      ),
      (
        "trafficPolicy: {tls: {mode: SIMPLE, subjectAltNames: ['*.a']}}",
        "spec.trafficPolicy.tls.subjectAltNames[0]: \"*.a\" has a *; a certificate's names are compared whole"
      ),
      (
        "trafficPolicy: {tls: {mode: SIMPLE, sni: 10.0.0.1}}",
        "spec.trafficPolicy.tls.sni: \"10.0.0.1\" is an address; wanted is a name"
      ),
      (
        "trafficPolicy: {portLevelSettings: [{tls: {mode: SIMPLE}}]}",
        "spec.trafficPolicy.portLevelSettings[0]: port is missing; wanted is port: {number: 443}"
      ),
      (
        "trafficPolicy: {portLevelSettings: [{port: {number: 1}}, {port: {number: 1}}]}",
        "spec.trafficPolicy.portLevelSettings[1].port: port 1 is given twice"
      ),
      (
        "trafficPolicy: {loadBalancer: {simple: RANDOM}, portLevelSettings: [{port: {number: 1}}]}",
        "spec.trafficPolicy.portLevelSettings: does not go with loadBalancer: a rule chooses endpoints for all ports of its service; leave one out"
      ),
      (
        "trafficPolicy: {loadBalancer: {consistentHash: {}}}",
        "spec.trafficPolicy.loadBalancer.consistentHash: is not supported; write simple"
      ),
      (
        "trafficPolicy: {loadBalancer: {simple: PASSTHROUGH}}",
        "spec.trafficPolicy.loadBalancer.simple: \"PASSTHROUGH\" is not supported; write a ServiceEntry with resolution: NONE"
      ),
      (
        "trafficPolicy: {loadBalancer: {simple: RANDOM}}, host: web.shop",
        "spec.host: is of namespace shop, and a rule is for services of its own; write it there"
      ),
      (
        "host: '*'",
        "spec.host: \"*\" has a * that is not followed by a dot; wanted is *.example.com; wanted is a service, as web or web.default.mesh, or a host of a ServiceEntry"
      ),
    ]
  )
  func refused(spec: String, issue: String) {
    let text = issues(rule(spec.contains("host:") ? spec : "host: web, \(spec)"))
    #expect(text.contains { $0.hasPrefix("p.yaml:4:") && $0.hasSuffix(": \(issue)") }, "\(text)")
  }

  @Test("can be for hosts of ServiceEntries, whole or by *, and warn where there is none in their namespace")
  func hosts() throws {
    let balancing = "trafficPolicy: {loadBalancer: {simple: RANDOM}}"
    let entry = document(
      "ServiceEntry",
      "spec: {hosts: [api.example.com], resolution: DNS, ports: [{number: 80, name: http}]}"
    )
    for host in ["API.example.com", "'*.example.com'", "'*.com'"] {
      let reading = MeshDocumentsTests.read("\(entry)\n---\n\(rule("host: \(host), \(balancing)"))")
      #expect(reading.issues.allSatisfy { $0.field.hasPrefix("spec.hosts") }, "\(reading.issues)")
      let name = host.lowercased().filter { $0 != "'" }
      #expect(try #require(reading.snapshot).mesh.traffic.map(\.targets) == [[.host(name)]])
      #expect(try Snapshot.decode(reading.snapshot?.encode() ?? []) == reading.snapshot)
    }
    let other = issues("\(entry)\n---\n\(rule("host: b.example.com, \(balancing)"))")
    #expect(
      other.contains {
        $0.hasSuffix("spec.host: host default/b.example.com is not given; the policy has no effect on it")
      },
      "\(other)"
    )
  }

  @Test("are judged by the hosts of entries that the mesh has, and again when these change")
  func kept() throws {
    func text(_ host: String) -> String {
      document("ServiceEntry", "spec: {hosts: [\(host)], resolution: DNS, ports: [{number: 80, name: http}]}")
    }
    let rule = rule("host: '*.example.com', trafficPolicy: {loadBalancer: {simple: RANDOM}}")
    let both = try #require(DocumentSet(stored: []).with(DocumentSetTests.stored(text("api.example.com") + "\n", rule)))
    #expect(!both.warnings.issues.contains { $0.message.contains("is not given") })
    let other = try #require(both.with(DocumentSetTests.stored(text("api.example.org"))))
    #expect(other.warnings.issues.contains { $0.message.contains("host default/*.example.com is not given") })
    let back = try #require(other.with(DocumentSetTests.stored(text("b.example.com"))))
    #expect(!back.warnings.issues.contains { $0.message.contains("is not given") })
  }

  @Test("contradict a traffic policy for the same service, or of the same name")
  func contradiction() {
    let balancing = "trafficPolicy: {loadBalancer: {simple: RANDOM}}"
    let policy = document(
      "BackendTrafficPolicy",
      "spec: {targetRef: {group: '', kind: Service, name: web}, loadBalancer: {type: Random}}"
    )
    let found = issues("\(policy)\n---\n\(rule("host: web, \(balancing)"))")
    #expect(
      found == [
        "p.yaml:8:18: metadata.name: traffic policy default/p, given at p.yaml:3:18, has this name already",
        "p.yaml:9:14: spec.host: service default/web already has a traffic policy, at p.yaml:4:19",
      ]
    )
  }
}
