import MeshDocuments
import MeshModel
import Testing

@Suite("Policy documents")
struct PolicyDocumentsTests {
  @Test("may be several in a file, with empty ones between")
  func several() throws {
    let text =
      "---\n" + policy("spec: {podSelector: {}}") + "\n---\n# nothing\n---\n"
      + policy("spec: {podSelector: {}}").replacing("name: p", with: "name: q")
    #expect(read(text).snapshot?.policies.map(\.fullName) == ["default/p", "default/q"])
  }

  @Test("may come as a List, as kubectl get prints them", arguments: ["v1", "networking.k8s.io/v1"])
  func list(version: String) {
    let kind = version == "v1" ? "List" : "NetworkPolicyList"
    let item = "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p}, spec: {podSelector: {}}}"
    let text = "{\"apiVersion\": \"\(version)\", \"kind\": \"\(kind)\", \"metadata\": {}, \"items\": [\(item)]}"
    #expect(read(text).snapshot?.policies.map(\.fullName) == ["default/p"])
    #expect(issues(text.replacing("NetworkPolicy,", with: "List,")).first?.hasPrefix("p.yaml:1:") == true)
  }

  private static let known =
    "known here: Service, EndpointSlice, NetworkPolicy, HTTPRoute, GRPCRoute, TLSRoute, AuthorizationPolicy, "
    + "RequestAuthentication, PeerAuthentication, BackendTrafficPolicy, Telemetry, Sidecar, ServiceEntry, WorkloadEntry, DestinationRule, List"

  @Test(
    "of other kinds and versions are refused by name",
    arguments: [
      (
        "kind: Deployment",
        "p.yaml:1:7: kind: \"Deployment\" is not supported; " + Self.known
      ),
      ("kind: NetworkPolice", "p.yaml:1:7: kind: \"NetworkPolice\" is not supported; did you mean \"NetworkPolicy\"?"),
      ("apiVersion: v1", "p.yaml:1:1: kind is missing; " + Self.known),
      ("kind: NetworkPolicy", "p.yaml:1:1: apiVersion is missing; wanted is apiVersion: networking.k8s.io/v1"),
      (
        "{kind: NetworkPolicy, apiVersion: extensions/v1beta1}",
        "p.yaml:1:35: apiVersion: \"extensions/v1beta1\" is not the version of NetworkPolicy; wanted is networking.k8s.io/v1"
      ),
      ("[]", "p.yaml:1:1: is a list; wanted is an object"),
      ("hello", "p.yaml:1:1: is text; wanted is an object"),
    ]
  )
  func kinds(text: String, expected: String) { #expect(issues(text) == [expected]) }

  @Test("report every error of every file, in order")
  func all() {
    let bad = policy("spec: {podSelector: {}, ingres: [], egress: [{ports: [{port: 0}]}]}")
    let reading = PolicyDocuments.read([
      DocumentSource(name: "a.yaml", bytes: Array(bad.utf8)), DocumentSource(name: "b.yaml", bytes: Array(bad.utf8)),
    ])
    #expect(
      reading.issues.map(\.description) == [
        "a.yaml:4:25: spec.ingres: unknown field; did you mean \"ingress\"?",
        "a.yaml:4:62: spec.egress[0].ports[0].port: 0 is not a port; ports are 1 to 65535",
        "b.yaml:4:25: spec.ingres: unknown field; did you mean \"ingress\"?",
        "b.yaml:4:62: spec.egress[0].ports[0].port: 0 is not a port; ports are 1 to 65535",
      ]
    )
  }

  @Test("report fifty issues and count the rest")
  func bounded() {
    let ports = Array(repeating: "{port: 0}", count: 60).joined(separator: ",")
    let reading = read(policy("spec: {podSelector: {}, ingress: [{ports: [\(ports)]}]}"))
    #expect(reading.issues.count == 50)
    #expect(reading.leftOut == 10)
  }

  @Test("of one name are refused, with the place of the first")
  func duplicates() {
    let one = policy("spec: {podSelector: {}}")
    #expect(
      issues("\(one)\n---\n\(one)") == ["p.yaml:8:18: metadata.name: policy default/p is already given at p.yaml:3:18"]
    )
  }

  @Test("that are empty are taken with a warning", arguments: ["", "# only a comment\n", "---\n---\n"])
  func empty(text: String) {
    #expect(issues(text) == ["p.yaml: warning: holds no document"])
    #expect(read(text).snapshot?.policies.isEmpty == true)
  }
}
