import MeshDocuments
import MeshModel
import Testing

@Suite("Documents together")
struct CrossChecksTests {
  /// Documents of one file, each called as it says.
  private func file(_ documents: (kind: String, name: String, body: String)...) -> String {
    documents.map { document($0.kind, $0.body).replacing("name: p", with: "name: \($0.name)") }.joined(
      separator: "\n---\n"
    )
  }

  private static let web = (
    "Service", "web", "spec: {clusterIP: 10.0.0.1, ports: [{name: a, port: 80}, {name: u, port: 53, protocol: UDP}]}"
  )

  private func slice(_ endpoints: String, _ ports: String = "{name: a, port: 8080}") -> String {
    "addressType: IPv4\nports: [\(ports)]\nendpoints: [\(endpoints)]"
  }

  private func endpoints(_ text: String) throws -> [String] {
    try #require(read(text).snapshot?.mesh.services.first).ports.flatMap { $0.endpoints.map(\.description) }
  }

  @Test("merge the endpoints of several slices, each address once, in order of address")
  func merged() throws {
    let one = (
      "EndpointSlice", "one", slice("{addresses: [10.1.0.3]}, {addresses: [10.1.0.1], conditions: {ready: false}}")
    )
    let two = (
      "EndpointSlice", "two",
      slice(
        "{addresses: [10.1.0.1], zone: z}, {addresses: [10.1.0.2]}",
        "{name: a, port: 8080}, {name: u, port: 53, protocol: UDP}"
      )
    )
    let wanted = ["10.1.0.1:8080 zone=z", "10.1.0.2:8080", "10.1.0.3:8080"]
    #expect(try endpoints(file(Self.web, one, two)) == wanted)
    #expect(try endpoints(file(two, one, Self.web)) == wanted)
    #expect(read(file(Self.web, one, two)).issues.count == 1)
  }

  @Test("leave out slices and ports that nothing is given for, and say so")
  func strays() {
    let one = ("EndpointSlice", "one", slice("{addresses: [10.1.0.1]}", "{name: b, port: 1}, {port: 2}"))
    let two = file(("EndpointSlice", "two", slice(""))).replacing("service-name: web", with: "service-name: x")
    let three = file(("EndpointSlice", "three", slice(""))).replacing("service-name", with: "service")
    let text = [file(Self.web, one), two, three].joined(separator: "\n---\n")
    #expect(
      read(text).issues.map(\.message).filter { !$0.contains("UDP") } == [
        "service default/web has no port called \"b\"; it is left out",
        "service default/web has no port without a name; it is left out",
        "belongs to service default/x, which is not given; it is left out",
        "belongs to no service, for it lacks the label kubernetes.io/service-name; it is left out",
      ]
    )
    #expect(read(text).snapshot != nil)
  }

  @Test("hold at most 1,000 endpoints a port")
  func many() {
    func part(_ third: Int, _ count: Int) -> String {
      slice((0..<count).map { "{addresses: [10.1.\(third).\($0)]}" }.joined(separator: ", "))
    }
    var parts = (0..<4).map { ("EndpointSlice", "s\($0)", part($0, 250)) }
    #expect(read(([Self.web] + parts).map { file($0) }.joined(separator: "\n---\n")).snapshot != nil)
    parts.append(("EndpointSlice", "s4", part(4, 1)))
    #expect(
      read(([Self.web] + parts).map { file($0) }.joined(separator: "\n---\n")).errors.map(\.message)
        == ["takes service default/web beyond the 1000 endpoints allowed for a port"]
    )
  }

  @Test("are refused where two services claim one address and port, and where only one could have been meant")
  func contradictions() {
    let other = ("Service", "other", "spec: {clusterIP: 10.0.0.1, ports: [{port: 80}]}")
    #expect(
      read(file(Self.web, other)).errors.map(\.description) == [
        "p.yaml:9:19: spec.clusterIP: 10.0.0.1:80 is already an address of service default/web, given at p.yaml:4:19"
      ]
    )
    #expect(
      read(file(Self.web, ("Service", "other", "spec: {clusterIP: 10.0.0.1, ports: [{port: 81}]}"))).errors.isEmpty
    )
    let target = "spec: {targetRef: {group: '', kind: Service, name: web}, loadBalancer: {type: Random}}"
    let policies = file(Self.web, ("BackendTrafficPolicy", "a", target), ("BackendTrafficPolicy", "b", target))
    #expect(
      read(policies).errors.map(\.description)
        == ["p.yaml:14:19: spec.targetRef: service default/web already has a traffic policy, at p.yaml:9:19"]
    )
    let sidecar = "spec: {outboundTrafficPolicy: {mode: ALLOW_ANY}}"
    #expect(
      issues(file(("Sidecar", "a", sidecar), ("Sidecar", "b", sidecar)))
        == ["p.yaml:8:18: metadata.name: sidecar default/a at p.yaml:3:18 is for the same workloads"]
    )
    let telemetry = "spec: {accessLogging: [{disabled: true}]}"
    #expect(
      issues(file(("Telemetry", "a", telemetry), ("Telemetry", "b", telemetry)))
        == ["p.yaml:8:18: metadata.name: telemetry default/a at p.yaml:3:18 is for the same workloads"]
    )
  }

  @Test("are warned of what they name and what is not given")
  func missing() {
    let route = """
      spec:
        parentRefs: [{group: "", kind: Service, name: web, port: 81}]
        rules:
          - filters: [{type: RequestMirror, requestMirror: {backendRef: {name: none, port: 80}}}]
            backendRefs: [{name: web, port: 80}, {name: web, port: 82}, {name: web, namespace: x, port: 80}]
      """
    let policy = """
      spec:
        targetRefs:
          - {group: gateway.networking.k8s.io, kind: HTTPRoute, name: r}
          - {group: gateway.networking.k8s.io, kind: HTTPRoute, name: s}
      """
    let reading = read(file(Self.web, ("HTTPRoute", "r", route), ("BackendTrafficPolicy", "t", policy)))
    #expect(reading.errors.isEmpty)
    #expect(
      reading.issues.dropFirst().map(\.description) == [
        "p.yaml:10:16: warning: spec.parentRefs[0]: service default/web has no port 81",
        "p.yaml:12:67: warning: spec.rules[0].filters[0].requestMirror.backendRef: service default/none is not given; "
          + "until it is, nothing goes there",
        "p.yaml:13:44: warning: spec.rules[0].backendRefs[1]: service default/web has no port 82",
        "p.yaml:13:67: warning: spec.rules[0].backendRefs[2]: service x/web is not given; until it is, nothing goes there",
        "p.yaml:21:7: warning: spec.targetRefs[1]: route default/s is not given; the policy has no effect on it",
      ]
    )
  }

  @Test("may share a name where their kinds differ, and not where they are the same")
  func names() {
    let text = file(
      ("Service", "web", "spec: {}"),
      ("HTTPRoute", "web", "spec: {parentRefs: [{group: '', kind: Service, name: web}]}")
    )
    #expect(issues(text) == [])
    #expect(
      issues(file(("Service", "web", "spec: {}"), ("Service", "web", "spec: {}")))
        == ["p.yaml:8:18: metadata.name: service default/web is already given at p.yaml:3:18"]
    )
  }

  @Test("come in lists of mixed kinds, and in lists of one kind in any version it is read in")
  func lists() {
    let service = "{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {}}"
    let route =
      #"{apiVersion: gateway.networking.k8s.io/v1beta1, kind: HTTPRoute, metadata: {name: r}, spec: {parentRefs: [{group: "", kind: Service, name: web}]}}"#
    let mixed = read("{apiVersion: v1, kind: List, items: [\(service), \(route)]}")
    #expect(mixed.issues.isEmpty)
    #expect(mixed.snapshot?.mesh.services.count == 1 && mixed.snapshot?.mesh.routes.count == 1)
    for version in ["v1", "v1beta1"] {
      let list = read("{apiVersion: gateway.networking.k8s.io/\(version), kind: HTTPRouteList, items: [\(route)]}")
      #expect(list.errors.isEmpty && list.snapshot?.mesh.routes.count == 1)
    }
    #expect(
      read("{apiVersion: v2, kind: ServiceList, items: []}").errors.map(\.message) == [
        "\"v2\" is not the version of ServiceList; wanted is v1"
      ]
    )
  }
}
