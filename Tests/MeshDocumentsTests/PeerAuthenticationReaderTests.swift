import MeshDocuments
import MeshModel
import Testing

@Suite("PeerAuthentication documents")
struct PeerAuthenticationReaderTests {
  private static let selector = "selector: {matchLabels: {app: web}}"

  @Test(
    "are refused with the place and what would be right",
    arguments: [
      (
        "spec: {mtls: {mode: strict}}",
        [#"p.yaml:4:21: spec.mtls.mode: "strict" is no mode; did you mean "STRICT"?"#]
      ),
      (
        "spec: {mtls: STRICT}",
        ["p.yaml:4:14: spec.mtls: is text; wanted is an object"]
      ),
      (
        "spec: {portLevelMtls: {80: {mode: STRICT}}}",
        [
          "p.yaml:4:23: spec.portLevelMtls: is for the workloads of a selector; write selector: {matchLabels: ...}"
        ]
      ),
      (
        "spec: {\(selector), portLevelMtls: {}}",
        ["p.yaml:4:60: spec.portLevelMtls: is empty; name a port in it or leave it out"]
      ),
      (
        "spec: {\(selector), portLevelMtls: {http: {mode: STRICT}}}",
        [
          #"p.yaml:4:67: spec.portLevelMtls.http: "http" is not a port; ports are 1 to 65535, the ones that the program listens on"#
        ]
      ),
      (
        "spec: {\(selector), portLevelMtls: {80: {mode: ON}}}",
        [
          #"p.yaml:4:72: spec.portLevelMtls.80.mode: ON is a boolean, not text; put it in quotes"#
        ]
      ),
      (
        "spec: {mtl: {mode: STRICT}}",
        [#"p.yaml:4:8: spec.mtl: unknown field; did you mean "mtls"?"#]
      ),
      (
        "spec: {targetRef: {}, mtls: {mode: STRICT}}",
        [
          "p.yaml:4:8: spec.targetRef: is not supported, since a proxy knows its workload by labels; write selector: {matchLabels: ...}"
        ]
      ),
    ] as [(String, [String])]
  )
  func refusals(body: String, expected: [String]) {
    let text = document("PeerAuthentication", body)
    let reading = PolicyDocuments.read([DocumentSource(name: "p.yaml", bytes: Array(text.utf8))])
    #expect(reading.errors.map(\.description) == expected)
    #expect(reading.snapshot == nil)
  }

  private func read(_ body: String, annotation: String? = nil, namespace: String = "default") -> DocumentReading {
    let annotations = annotation.map { ", annotations: {weft.mesh/expires: \($0)}" } ?? ""
    return PolicyDocuments.read([
      DocumentSource(
        name: "p.yaml",
        bytes: Array(
          """
          apiVersion: security.istio.io/v1
          kind: PeerAuthentication
          metadata: {name: p, namespace: \(namespace)\(annotations)}
          \(body)
          """.utf8
        )
      )
    ])
  }

  @Test("say modes for all ports and for single ones, in the ports' order")
  func modes() throws {
    let body = "spec: {\(Self.selector), mtls: {mode: STRICT}, portLevelMtls: {90: {mode: UNSET}, 80: {mode: DISABLE}}}"
    let reading = read(body, annotation: "'2027-03-31T00:00:00Z'")
    #expect(reading.issues == [])
    #expect(
      reading.snapshot?.mesh.peerAuthentications == [
        PeerAuthentication(
          namespace: "default",
          name: "p",
          selector: LabelSelector(matchLabels: ["app": "web"]),
          mode: .strict,
          ports: [.init(80, .disable), .init(90, nil)],
          expires_s: 1_806_451_200
        )
      ]
    )
    for nothing in ["spec: {}", "spec: {mtls: {}}", "spec: {mtls: {mode: UNSET}}"] {
      let read = read(nothing)
      #expect(read.issues == [])
      #expect(read.snapshot?.mesh.peerAuthentications == [PeerAuthentication(namespace: "default", name: "p")])
    }
  }

  @Test("are warned of where they make an exception without end, and are told where an end ends nothing")
  func ends() {
    let permissive = "spec: {mtls: {mode: PERMISSIVE}}"
    #expect(
      read(permissive).issues.map(\.description) == [
        "p.yaml:3:18: warning: metadata.name: lets in who shows no identity, without end; annotate weft.mesh/expires: "
          + "\"2026-12-31T00:00:00Z\" or the like"
      ]
    )
    #expect(read(permissive, annotation: "'2027-03-31T00:00:00Z'").issues == [])
    #expect(
      read(permissive, annotation: "soon").errors.map(\.message) == [
        "\"soon\" is not a time such as 2026-01-31T12:00:00Z"
      ]
    )
    #expect(
      read("spec: {mtls: {mode: STRICT}}", annotation: "'2027-03-31T00:00:00Z'").errors.map(\.message) == [
        "ends nothing: only PERMISSIVE and DISABLE end, and neither is in the document"
      ]
    )
  }

  @Test("of the root namespace are the whole mesh's, and select nobody")
  func root() {
    let whole = read("spec: {mtls: {mode: STRICT}}", namespace: "istio-system")
    #expect(whole.issues == [] && whole.snapshot?.mesh.peerAuthentications.first?.reach == .mesh)
    let selecting = read("spec: {\(Self.selector), mtls: {mode: STRICT}}", namespace: "istio-system")
    #expect(selecting.errors.map(\.field) == ["spec.selector"])
  }

  @Test("for the same workloads contradict each other")
  func clashes() {
    let first = document("PeerAuthentication", "spec: {mtls: {mode: STRICT}}")
    let second = first.replacing("name: p", with: "name: q")
    let reading = PolicyDocuments.read([
      DocumentSource(name: "p.yaml", bytes: Array("\(first)\n---\n\(second)".utf8))
    ])
    #expect(
      reading.errors.map(\.description) == [
        "p.yaml:8:18: metadata.name: peer authentication default/p at p.yaml:3:18 is for the same workloads"
      ]
    )
  }
}
