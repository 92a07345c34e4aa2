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
    "are refused for all else, by name",
    arguments: [
      ("subsets: []", "spec.subsets: is not supported; write a Service for each, and an HTTPRoute with backendRefs"),
      ("trafficPolicy: {connectionPool: {}}", "spec.trafficPolicy.connectionPool: is not supported"),
      ("trafficPolicy: {outlierDetection: {}}", "spec.trafficPolicy.outlierDetection: is not supported"),
      ("trafficPolicy: {tls: {mode: DISABLE}}", "spec.trafficPolicy.tls: is not supported"),
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
        "host: api.example.com",
        "spec.host: \"api.example.com\" is not the name of a service, as web or web.default.mesh"
      ),
    ]
  )
  func refused(spec: String, issue: String) {
    let text = issues(rule(spec.contains("host:") ? spec : "host: web, \(spec)"))
    #expect(text.contains { $0.hasPrefix("p.yaml:4:") && $0.hasSuffix(": \(issue)") }, "\(text)")
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
