import MeshDocuments
import MeshModel
import Testing

@Suite("AuthorizationPolicy documents")
struct AuthorizationReaderTests {
  @Test(
    "warn of what may not be what was meant, and are taken",
    arguments: [
      (
        "spec: {action: DENY}",
        [
          "p.yaml:4:7: warning: spec: has no rules, so it never matches; rules: [{}] matches every request"
        ]
      ),
      (
        "spec: {action: AUDIT, rules: []}",
        [
          "p.yaml:4:7: warning: spec: has no rules, so it never matches; rules: [{}] matches every request"
        ]
      ),
      (
        "spec: {rules: [{from: [{source: {ipBlocks: [10.0.0.1/8]}}]}]}",
        [
          "p.yaml:4:45: warning: spec.rules[0].from[0].source.ipBlocks[0]: 10.0.0.1/8 has bits beyond its length; it means 10.0.0.0/8"
        ]
      ),
      (
        "spec: {rules: [{to: [{operation: {paths: [/a/*/b]}}]}]}",
        [
          #"p.yaml:4:43: warning: spec.rules[0].to[0].operation.paths[0]: the * within "/a/*/b" stands for itself; only one at an end stands for any"#
        ]
      ),
    ] as [(String, [String])]
  )
  func warnings(body: String, expected: [String]) {
    expectTaken("AuthorizationPolicy", body, with: expected)
  }

  private func only(_ body: String, _ edit: (String) -> String = { $0 }) throws -> AuthorizationPolicy {
    let reading = read(edit(document("AuthorizationPolicy", body)))
    #expect(reading.errors.isEmpty, "\(reading.issues)")
    return try #require(reading.snapshot?.mesh.authorizations.first)
  }

  @Test("allow by default, and deny all without rules")
  func defaults() throws {
    #expect(try only("spec: {}") == AuthorizationPolicy(namespace: "default", name: "p"))
    #expect(try only("spec: {rules: [{}]}").rules == [.init()])
    #expect(read(document("AuthorizationPolicy", "spec: {}")).issues.isEmpty)
  }

  @Test("read texts with a * at one end as Istio does")
  func texts() throws {
    let policy = try only("spec: {rules: [{to: [{operation: {paths: [/a, /a*, '*a', '*', '/a/*']}}]}]}")
    #expect(
      policy.rules.first?.to.first?.paths == [.exact("/a"), .prefix("/a"), .suffix("a"), .present, .prefix("/a/")]
    )
  }

  @Test("know every key of Istio's conditions")
  func keys() throws {
    let keys = AuthorizationPolicy.Key.plain.map(\.text) + ["request.headers[X-A]", "request.auth.claims[a][b]"]
    for key in keys {
      let value = key.hasSuffix(".ip") ? "10.0.0.1" : key.hasSuffix(".port") ? "80" : "a"
      let policy = try only("spec: {rules: [{when: [{key: '\(key)', notValues: ['\(value)']}]}]}")
      let found = try #require(policy.rules.first?.when.first)
      #expect(found.key == AuthorizationPolicy.Key(key))
      #expect(found.notValues == [.exact(key.hasSuffix(".ip") ? "10.0.0.1/32" : value)])
    }
  }

  @Test(
    "are tried without being enforced where the annotation says so, in quotes",
    arguments: [("'true'", true), ("'false'", false)]
  )
  func dryRun(value: String, expected: Bool) throws {
    let policy = try only("spec: {}") {
      $0.replacing("{name: p}", with: "{name: p, annotations: {istio.io/dry-run: \(value)}}")
    }
    #expect(policy.isDryRun == expected)
  }

  @Test("do not guess what another annotation means", arguments: ["'True'", "'yes'", "true"])
  func dryRunWrong(value: String) {
    let text = document("AuthorizationPolicy", "spec: {}")
      .replacing("{name: p}", with: "{name: p, annotations: {istio.io/dry-run: \(value)}}")
    #expect(read(text).errors.map(\.field) == ["metadata.annotations.istio.io/dry-run"])
  }

  @Test("of Istio's root namespace are for that namespace, and say so")
  func root() {
    let text = document("AuthorizationPolicy", "spec: {}").replacing(
      "{name: p}",
      with: "{name: p, namespace: istio-system}"
    )
    #expect(
      issues(text) == [
        "p.yaml:3:18: warning: metadata.name: is for the workloads of istio-system only, not for the whole mesh as in "
          + "Istio; write one for each namespace"
      ]
    )
  }
}
