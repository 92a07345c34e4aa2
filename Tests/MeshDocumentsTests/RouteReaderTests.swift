import MeshDocuments
import MeshModel
import Testing

@Suite("HTTPRoute documents")
struct RouteReaderTests {
  @Test(
    "are refused with the place and what would be right",
    arguments: [
      (
        "spec: {}",
        [
          #"p.yaml:4:7: spec: parentRefs is missing; wanted is parentRefs: [{kind: Service, group: "", name: ...}]"#
        ]
      ),
      (
        "spec: {parentRefs: []}",
        [
          "p.yaml:4:20: spec.parentRefs: is an empty list; give it an entry or leave it out"
        ]
      ),
      (
        "spec: {parentRefs: [{name: web}]}",
        [
          #"p.yaml:4:21: spec.parentRefs[0]: means a Gateway, since kind or group is left out; a mesh's route is for services: write kind: Service, group: """#
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Gateway, name: web}]}"#,
        [
          #"p.yaml:4:39: spec.parentRefs[0].kind: "Gateway" is not supported; write kind: Service, group: """#
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: service, name: web}]}"#,
        [
          #"p.yaml:4:39: spec.parentRefs[0].kind: "service" is no parent or backend here; did you mean "Service"?"#
        ]
      ),
      (
        "spec: {parentRefs: [{group: gateway.networking.k8s.io, kind: Service, name: web}]}",
        [
          #"p.yaml:4:29: spec.parentRefs[0].group: "gateway.networking.k8s.io" is not the group of Service; wanted is """#
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service}]}"#,
        [
          "p.yaml:4:21: spec.parentRefs[0]: name is missing; wanted is name: ..."
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: Web}]}"#,
        [
          #"p.yaml:4:54: spec.parentRefs[0].name: "Web" is not a service's name: lower-case letters, digits and -, at most 63"#
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web, sectionName: http}]}"#,
        [
          "p.yaml:4:59: spec.parentRefs[0].sectionName: is not supported; write port: with the number"
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web, port: 0}]}"#,
        [
          "p.yaml:4:65: spec.parentRefs[0].port: 0 is not a port; wanted is 1 to 65535"
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], hostnames: [Web]}"#,
        [
          #"p.yaml:4:73: spec.hostnames[0]: "Web" is not a host name: lower-case letters, digits, - and ., at most 253, without a port"#
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], hostnames: ['*web']}"#,
        [
          #"p.yaml:4:73: spec.hostnames[0]: "*web" has a * that is not followed by a dot; wanted is *.example.com"#
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], hostnames: [10.0.0.1]}"#,
        [
          #"p.yaml:4:73: spec.hostnames[0]: "10.0.0.1" is an address; wanted is a name"#
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], hostnames: ['web:80']}"#,
        [
          #"p.yaml:4:73: spec.hostnames[0]: "web:80" is not a host name: lower-case letters, digits, - and ., at most 253, without a port"#
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: []}"#,
        [
          "p.yaml:4:68: spec.rules: is an empty list; give it an entry or leave it out"
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], useDefaultGateways: All}"#,
        [
          "p.yaml:4:61: spec.useDefaultGateways: is not supported: a mesh's route is for services; write parentRefs"
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{backendRefs: [{name: web}]}]}"#,
        [
          "p.yaml:4:84: spec.rules[0].backendRefs[0]: port is missing; a service as a backend needs one"
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{backendRefs: [{name: web, port: 80, kind: ServiceImport}]}]}"#,
        [
          #"p.yaml:4:112: spec.rules[0].backendRefs[0].kind: "ServiceImport" is no parent or backend here; known here: Service"#
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{backendRefs: [{name: web, port: 80, weight: 1000001}]}]}"#,
        [
          "p.yaml:4:114: spec.rules[0].backendRefs[0].weight: 1000001 is not a weight; wanted is 0 to 1000000"
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{backendRefs: [{name: web, port: 80, filters: [{type: URLRewrite, urlRewrite: {hostname: a}}]}]}]}"#,
        [
          "p.yaml:4:116: spec.rules[0].backendRefs[0].filters[0]: a backend's filters can only change header fields; put URLRewrite under the rule's filters"
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{timeouts: {request: 10}}]}"#,
        [
          "p.yaml:4:90: spec.rules[0].timeouts.request: 10 has no unit; wanted is a duration such as 10s, 1m30s or 500ms"
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{timeouts: {request: 1.5s}}]}"#,
        [
          #"p.yaml:4:90: spec.rules[0].timeouts.request: "1.5s" is not a duration such as 10s, 1m30s or 500ms"#
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{timeouts: {request: 25h}}]}"#,
        [
          "p.yaml:4:90: spec.rules[0].timeouts.request: 25h is longer than a day"
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{timeouts: {request: 1s, backendRequest: 2s}}]}"#,
        [
          "p.yaml:4:110: spec.rules[0].timeouts.backendRequest: is longer than request, which ends it"
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{timeouts: {idle: 2s}}]}"#,
        [
          "p.yaml:4:81: spec.rules[0].timeouts.idle: unknown field; known here: request, backendRequest"
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{retry: {codes: [200]}}]}"#,
        [
          "p.yaml:4:86: spec.rules[0].retry.codes[0]: 200 is not a status to retry; wanted is 400 to 599"
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{retry: {attempts: 11}}]}"#,
        [
          "p.yaml:4:88: spec.rules[0].retry.attempts: 11 is not a number of further tries; wanted is 0 to 10"
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{retry: {backoff: fast}}]}"#,
        [
          #"p.yaml:4:87: spec.rules[0].retry.backoff: "fast" is not a duration such as 10s, 1m30s or 500ms"#
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{sessionPersistence: {}}]}"#,
        [
          "p.yaml:4:70: spec.rules[0].sessionPersistence: is not supported: requests of one client may go to several endpoints; leave it out"
        ]
      ),
      (
        #"spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{name: a}, {name: a}]}"#,
        [
          #"p.yaml:4:87: spec.rules[1].name: "a" is given twice"#
        ]
      ),
    ] as [(String, [String])]
  )
  func refusals(body: String, expected: [String]) {
    expectRefused("HTTPRoute", body, for: expected)
  }

  private static let parents = #"parentRefs: [{group: "", kind: Service, name: web}]"#

  /// The route, whose services are not given, which is no error.
  private func only(_ spec: String, _ edit: (String) -> String = { $0 }) throws -> HTTPRoute {
    let reading = read(edit(document("HTTPRoute", "spec: {\(Self.parents)\(spec)}")))
    #expect(reading.issues.allSatisfy { $0.message.contains("is not given; until it is") }, "\(reading.issues)")
    return try #require(reading.snapshot?.mesh.routes.first)
  }

  @Test("have the defaults of Kubernetes")
  func defaults() throws {
    #expect(try only("").rules == [HTTPRoute.Rule()])
    #expect(try only("").parents == [.init(namespace: "default", service: "web")])
    #expect(try only("").created_s == nil)
    let backend = HTTPRoute.Backend(namespace: "default", service: "a", port: 1)
    #expect(try only(", rules: [{backendRefs: [{name: a, port: 1}]}]").rules == [.init(backends: [backend])])
    #expect(try only(", rules: [{retry: {}}]").rules.first?.retry == HTTPRoute.Retry())
  }

  @Test("name services of other namespaces, by whichever group core has")
  func namespaces() throws {
    let edited = try only(", rules: [{backendRefs: [{group: core, namespace: b, name: a, port: 1, weight: 0}]}]") {
      $0.replacing("name: web", with: "namespace: c, port: 80, name: web").replacing(
        "{name: p}",
        with: "{name: p, namespace: d}"
      )
    }
    #expect(edited.parents == [.init(namespace: "c", service: "web", port: 80)])
    #expect(edited.rules.first?.backends == [.init(namespace: "b", service: "a", port: 1, weight: 0)])
    #expect(edited.namespace == "d")
  }

  @Test(
    "have times as Gateway API writes them",
    arguments: [
      ("10s", 10_000), ("1m30s", 90_000), ("500ms", 500), ("1h2m3s4ms", 3_723_004), ("0s", 0), ("24h", 86_400_000),
    ] as [(String, UInt32)]
  )
  func durations(text: String, expected_ms: UInt32) throws {
    #expect(try only(", rules: [{timeouts: {request: \(text)}}]").rules.first?.requestTimeout_ms == expected_ms)
  }

  @Test(
    "have no other times",
    arguments: ["10", "s", "-1s", "1d", "123456s", "1h1m1s1ms1s", "' 1s'", "''", "1.5s"]
  )
  func wrongDurations(text: String) {
    let text = document("HTTPRoute", "spec: {\(Self.parents), rules: [{timeouts: {request: \(text)}}]}")
    #expect(read(text).errors.count == 1)
  }

  @Test(
    "have an age, in seconds since 1970",
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("2026-01-31T12:00:00Z", 1_769_860_800), ("2024-02-29T23:59:59Z", 1_709_251_199),
      ("2000-03-01T00:00:00Z", 951_868_800), ("1969-12-31T23:59:59Z", -1),
    ] as [(String, Int64)]
  )
  func age(time: String, expected_s: Int64) throws {
    let route = try only("") { $0.replacing("{name: p}", with: "{name: p, creationTimestamp: '\(time)'}") }
    #expect(route.created_s == expected_s)
  }

  @Test(
    "have no other age",
    arguments: ["2023-02-29T00:00:00Z", "2026-01-31", "2026-13-01T00:00:00Z", "2026-01-31T12:00:00+01:00"]
  )
  func wrongAge(time: String) {
    let text = document("HTTPRoute", "spec: {\(Self.parents)}")
      .replacing("{name: p}", with: "{name: p, creationTimestamp: '\(time)'}")
    #expect(
      read(text).errors.map(\.message) == ["\"\(time)\" is not a time such as 2026-01-31T12:00:00Z"]
    )
  }

  @Test("have at most 128 matches in all")
  func matches() {
    let rule = "{matches: [\(Array(repeating: "{method: GET}", count: 43).joined(separator: ", "))]}"
    let text = document("HTTPRoute", "spec: {\(Self.parents), rules: [\(rule), \(rule), \(rule)]}")
    #expect(read(text).errors.map(\.message) == ["have 129 matches, more than the 128 allowed"])
  }
}
