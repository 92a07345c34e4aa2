import MeshDocuments
import MeshModel
import Testing

@Suite("GRPCRoute documents")
struct GRPCRouteReaderTests {
  private static let parents = #"parentRefs: [{group: "", kind: Service, name: web}]"#

  private func route(_ body: String) throws -> HTTPRoute {
    let reading = read(document("GRPCRoute", body))
    #expect(reading.errors.map(\.description) == [])
    return try #require(reading.snapshot?.mesh.routes.first)
  }

  /// The errors of a route with these rules, without their places.
  private func errors(_ rules: String) -> [String] {
    read(document("GRPCRoute", "spec: {\(Self.parents), rules: \(rules)}")).errors.map(\.message)
  }

  @Test("match services, methods and header fields, exactly or by regular expression")
  func matches() throws {
    let found = try route(
      """
      spec:
        \(Self.parents)
        hostnames: [web.shop]
        rules:
          - name: items
            matches:
              - {method: {service: shop.v1.Cart, method: AddItem}, headers: [{name: X-User, value: bob}]}
              - {method: {type: Exact, service: shop.v1.Cart}}
              - {method: {method: Ping}}
              - {method: {type: RegularExpression, service: 'shop\\..*', method: Get.+}}
              - {headers: [{name: x, type: RegularExpression, value: a+}]}
            backendRefs: [{name: web, port: 80, weight: 9}, {name: next, port: 80}]
      """
    )
    #expect(found.kind == .grpc && found.hostnames == ["web.shop"] && found.rules[0].name == "items")
    #expect(
      found.rules[0].matches == [
        .init(
          path: .call(service: "shop.v1.Cart", method: "AddItem", isRegex: false),
          headers: [.init(name: "x-user", value: "bob")]
        ),
        .init(path: .call(service: "shop.v1.Cart", method: nil, isRegex: false)),
        .init(path: .call(service: nil, method: "Ping", isRegex: false)),
        .init(path: .call(service: #"shop\..*"#, method: "Get.+", isRegex: true)),
        .init(headers: [.init(name: "x", value: "a+", isRegex: true)]),
      ]
    )
    #expect(found.rules[0].backends.map(\.weight) == [9, 1])
    #expect(found.rules[0].retry == nil && found.rules[0].requestTimeout_ms == nil)
  }

  @Test("without rules take every call, and are kept in a snapshot as they are")
  func everything() throws {
    let reading = read(document("GRPCRoute", "spec: {\(Self.parents)}"))
    let snapshot = try #require(reading.snapshot)
    #expect(snapshot.mesh.routes.first?.rules == [.init()])
    #expect(try Snapshot.decode(snapshot.encode()) == snapshot)
    let all = read(
      document(
        "GRPCRoute",
        "spec: {\(Self.parents), rules: [{matches: [{method: {type: RegularExpression, method: a}}]}]}"
      )
    )
    let other = try #require(all.snapshot)
    #expect(try Snapshot.decode(other.encode()) == other && other.revision != snapshot.revision)
  }

  @Test("ask for tries and time by annotations, which hold for every rule")
  func tries() throws {
    let text = document("GRPCRoute", "spec: {\(Self.parents), rules: [{}, {name: b}]}").replacing(
      "{name: p}",
      with: """
        {name: p, annotations: {weft.mesh/retry-on: "unavailable, cancelled", weft.mesh/retry-attempts: "3",
          weft.mesh/retry-backoff: 50ms, weft.mesh/request-timeout: 1s500ms}}
        """
    )
    let reading = read(text)
    #expect(reading.errors.map(\.description) == [])
    let rules = try #require(reading.snapshot?.mesh.routes.first?.rules)
    #expect(rules.count == 2 && rules.map(\.name) == ["", "b"])
    for rule in rules {
      #expect(rule.retry == .init(grpcCodes: [1, 14], attempts: 3, backoff_ms: 50) && rule.requestTimeout_ms == 1_500)
    }
    let snapshot = try #require(reading.snapshot)
    #expect(try Snapshot.decode(snapshot.encode()) == snapshot)
  }

  @Test(
    "are refused for annotations that ask for what there is not",
    arguments: [
      (
        #"weft.mesh/retry-on: "available""#,
        #""available" is not what a call is tried again for; did you mean "unavailable"?"#
      ),
      (
        #"weft.mesh/retry-on: "5xx""#,
        "known here: cancelled, deadline-exceeded, internal, resource-exhausted, unavailable"
      ),
      (#"weft.mesh/retry-on: """#, #""" is not what a call is tried again for"#),
      (#"weft.mesh/retry-attempts: "2""#, #"asks for nothing without weft.mesh/retry-on: "unavailable" or the like"#),
      (#"weft.mesh/retry-on: internal, weft.mesh/retry-attempts: "11""#, #"wanted is "0" to "10""#),
      (#"weft.mesh/request-timeout: soon"#, "is not a duration such as 10s"),
      (#"weft.mesh/retries: "2""#, "unknown annotation of Weft's"),
    ]
  )
  func annotations(_ annotation: String, _ expected: String) {
    let text = document("GRPCRoute", "spec: {\(Self.parents)}")
      .replacing("{name: p}", with: "{name: p, annotations: {\(annotation)}}")
    let errors = read(text).errors.map(\.message)
    #expect(errors.count == 1 && errors[0].contains(expected), "\(errors)")
  }

  @Test(
    "are refused where a rule has what no GRPCRoute has, with what to write instead",
    arguments: [
      ("[{timeouts: {request: 1s}}]", "annotate the GRPCRoute with weft.mesh/request-timeout"),
      ("[{retry: {codes: [503]}}]", "annotate the GRPCRoute with weft.mesh/retry-on"),
      ("[{sessionPersistence: {}}]", "requests of one client may go to several endpoints"),
      ("[{matches: [{path: {value: /a}}]}]", "a GRPCRoute matches method: {service: ..., method: ...}"),
      ("[{matches: [{method: GET}]}]", "write method: {service: ..., method: ...}"),
      ("[{matches: [{method: {}}]}]", "matches nothing; wanted is service, method or both"),
      ("[{matches: [{method: {service: ''}}]}]", "is empty; leave it out for any"),
      ("[{matches: [{method: {service: a/b}}]}]", "holds a character other than letters, digits, _ and ."),
      ("[{matches: [{method: {service: a..b}}]}]", "is not a service's name such as shop.v1.Cart"),
      ("[{matches: [{method: {service: 1a}}]}]", "is not a service's name such as shop.v1.Cart"),
      ("[{matches: [{method: {method: a.b}}]}]", "is not a method's name such as AddItem"),
      ("[{matches: [{method: {type: Regex, service: a}}]}]", #""Regex" is no type of match"#),
      ("[{matches: [{method: {type: RegularExpression, service: '('}}]}]", "is not a regular expression"),
      (
        "[{matches: [{method: {type: RegularExpression, service: 'a)(b', method: c}}]}]", "is not a regular expression"
      ),
      (
        "[{filters: [{type: RequestRedirect, requestRedirect: {hostname: a}}]}]", "no client of gRPC follows one"
      ),
      ("[{filters: [{type: URLRewrite, urlRewrite: {hostname: a}}]}]", "a call's path is its service and method"),
    ]
  )
  func refused(_ rules: String, _ expected: String) {
    let errors = errors(rules)
    #expect(errors.count == 1 && errors[0].contains(expected), "\(errors)")
  }

  @Test("and HTTPRoutes of one name are two documents, and each is changed and deleted by itself")
  func sameName() throws {
    func text(_ kind: String, to service: String) -> String {
      "apiVersion: gateway.networking.k8s.io/v1\nkind: \(kind)\nmetadata: {name: r}\n"
        + "spec: {parentRefs: [{group: \"\", kind: Service, name: \(service)}]}\n"
    }
    func key(_ kind: String) -> DocumentKey { DocumentKey(kind: kind, namespace: "default", name: "r") }
    let set = try DocumentSetTests.set(text("HTTPRoute", to: "a"), text("GRPCRoute", to: "b"))
    #expect(set.documents.map(\.key) == [key("GRPCRoute"), key("HTTPRoute")])
    let routes = set.compiled.mesh.routes
    #expect(routes.map(\.kind) == [.http, .grpc] && routes.map { $0.parents[0].service } == ["a", "b"])
    #expect(routes.map(\.key) == ["default/r", "default/r (GRPCRoute)"])
    let snapshot = try Snapshot(policies: [], mesh: set.compiled.mesh)
    #expect(try Snapshot.decode(snapshot.encode()).mesh.routes == routes)

    var changed = set
    let effects = changed.replicate(
      DocumentSetTests.stored(text("GRPCRoute", to: "c")),
      deleting: [key("HTTPRoute")]
    )
    #expect(changed.compiled.mesh.routes.map { $0.parents[0].service } == ["c"])
    #expect(effects.configuration.routes.mapValues { $0?.kind } == ["default/r": nil, "default/r (GRPCRoute)": .grpc])
  }

  @Test("are what a BackendTrafficPolicy can be for, and not to be confused with HTTPRoutes")
  func target() throws {
    let policy = """
      apiVersion: gateway.envoyproxy.io/v1alpha1
      kind: BackendTrafficPolicy
      metadata: {name: t}
      spec: {targetRefs: [{group: gateway.networking.k8s.io, kind: GRPCRoute, name: p}], loadBalancer: {type: Random}}
      """
    func reading(_ kind: String) -> DocumentReading {
      read(document(kind, "spec: {\(Self.parents)}") + "\n---\n" + DocumentSetTests.service("web") + "---\n" + policy)
    }
    #expect(reading("GRPCRoute").issues.map(\.message) == [])
    #expect(reading("GRPCRoute").snapshot?.mesh.traffic.first?.targets == [.grpcRoute("p")])
    #expect(
      reading("HTTPRoute").issues.map(\.message) == [
        "gRPC route default/p is not given; the policy has no effect on it"
      ]
    )
  }
}
