import MeshDocuments
import MeshModel
import Testing

@Suite("Sidecar documents")
struct SidecarReaderTests {
  @Test(
    "are refused with the place and what would be right",
    arguments: [
      (
        "spec: {}",
        [
          "p.yaml:4:7: spec: outboundTrafficPolicy is missing; wanted is outboundTrafficPolicy: {mode: REGISTRY_ONLY}"
        ]
      ),
      (
        "spec: {outboundTrafficPolicy: {}}",
        [
          "p.yaml:4:31: spec.outboundTrafficPolicy: mode is missing; wanted is mode: REGISTRY_ONLY"
        ]
      ),
      (
        "spec: {outboundTrafficPolicy: {mode: registry_only}}",
        [
          #"p.yaml:4:38: spec.outboundTrafficPolicy.mode: "registry_only" is no mode; did you mean "REGISTRY_ONLY"?"#
        ]
      ),
      (
        "spec: {outboundTrafficPolicy: {mode: ALLOW_ANY, egressProxy: {}}}",
        [
          "p.yaml:4:49: spec.outboundTrafficPolicy.egressProxy: is not supported"
        ]
      ),
      (
        "spec: {egress: [], outboundTrafficPolicy: {mode: ALLOW_ANY}}",
        [
          "p.yaml:4:8: spec.egress: is not supported: a proxy knows the services of its snapshot; leave it out"
        ]
      ),
      (
        "spec: {ingress: [], outboundTrafficPolicy: {mode: ALLOW_ANY}}",
        [
          "p.yaml:4:8: spec.ingress: is not supported: capture options say which ports are taken; leave it out"
        ]
      ),
      (
        "spec: {workloadSelector: {matchLabels: {a: b}}, outboundTrafficPolicy: {mode: ALLOW_ANY}}",
        [
          "p.yaml:4:27: spec.workloadSelector.matchLabels: unknown field; known here: labels"
        ]
      ),
    ] as [(String, [String])]
  )
  func refusals(body: String, expected: [String]) {
    expectRefused("Sidecar", body, for: expected)
  }

  @Test(
    "say what becomes of the unknown",
    arguments: [("ALLOW_ANY", .allowAny), ("REGISTRY_ONLY", .registryOnly)] as [(String, OutboundMode)]
  )
  func mode(text: String, expected: OutboundMode) throws {
    let spec = "spec: {workloadSelector: {labels: {app: web}}, outboundTrafficPolicy: {mode: \(text)}}"
    let policy = try #require(read(document("Sidecar", spec)).snapshot?.mesh.sidecars.first)
    #expect(policy.outboundMode == expected)
    #expect(policy.selector == LabelSelector(matchLabels: ["app": "web"]))
  }
}
