import MeshDocuments
import MeshModel
import Testing

@Suite("Service documents")
struct ServiceReaderTests {
  @Test(
    "are refused with the place and what would be right",
    arguments: [
      (
        "spec: {type: ExternalName}",
        [
          #"p.yaml:4:14: spec.type: "ExternalName" is not supported: a service is what its EndpointSlices say; write an EndpointSlice"#
        ]
      ),
      (
        "spec: {externalName: example.com}",
        [
          "p.yaml:4:8: spec.externalName: is not supported: a service is what its EndpointSlices say; write an EndpointSlice"
        ]
      ),
      (
        "spec: {type: clusterIP}",
        [
          #"p.yaml:4:14: spec.type: "clusterIP" is no type of service; did you mean "ClusterIP"?"#
        ]
      ),
      (
        "spec: {clusterIP: 10.0.0}",
        [
          #"p.yaml:4:19: spec.clusterIP: "10.0.0" is neither an IP address nor None"#
        ]
      ),
      (
        "spec: {clusterIP: none}",
        [
          #"p.yaml:4:19: spec.clusterIP: "none" is neither an IP address nor None"#
        ]
      ),
      (
        "spec: {clusterIPs: [10.0.0.1, None]}",
        [
          "p.yaml:4:20: spec.clusterIPs: has None beside an address"
        ]
      ),
      (
        "spec: {clusterIP: 10.0.0.1, clusterIPs: [10.0.0.2]}",
        [
          "p.yaml:4:41: spec.clusterIPs: does not start with clusterIP 10.0.0.1"
        ]
      ),
      (
        "spec: {clusterIPs: [10.0.0.1, 10.0.0.1]}",
        [
          "p.yaml:4:20: spec.clusterIPs: has an address twice"
        ]
      ),
      (
        "spec: {clusterIPs: [10.0.0.1, 10.0.0.2, 10.0.0.3]}",
        [
          "p.yaml:4:20: spec.clusterIPs: has 3 entries, more than the 2 allowed"
        ]
      ),
      (
        "spec: {clusterIP: 0.0.0.0}",
        [
          #"p.yaml:4:19: spec.clusterIP: "0.0.0.0" is neither an IP address nor None"#
        ]
      ),
      (
        "spec: {ports: [{port: 0}]}",
        [
          "p.yaml:4:23: spec.ports[0].port: 0 is not a port; wanted is 1 to 65535"
        ]
      ),
      (
        "spec: {ports: [{name: a}]}",
        [
          "p.yaml:4:16: spec.ports[0]: port is missing; wanted is port: 80 or the like"
        ]
      ),
      (
        "spec: {ports: [{port: 80}, {port: 81, name: b}]}",
        [
          "p.yaml:4:16: spec.ports[0]: name is missing; of several ports each needs one"
        ]
      ),
      (
        "spec: {ports: [{port: 80, name: a}, {port: 81, name: a}]}",
        [
          #"p.yaml:4:54: spec.ports[1].name: "a" is given twice"#
        ]
      ),
      (
        "spec: {ports: [{port: 80, name: a}, {port: 80, name: b}]}",
        [
          "p.yaml:4:44: spec.ports[1].port: port 80 is given twice"
        ]
      ),
      (
        "spec: {ports: [{port: 80, name: A}]}",
        [
          #"p.yaml:4:33: spec.ports[0].name: "A" is not a port's name: lower-case letters, digits and -, at most 63"#
        ]
      ),
      (
        "spec: {ports: [{port: 80, protocol: tcp}]}",
        [
          #"p.yaml:4:37: spec.ports[0].protocol: "tcp" is no protocol; did you mean "TCP"?"#
        ]
      ),
      (
        "spec: {ports: [{port: http}]}",
        [
          #"p.yaml:4:23: spec.ports[0].port: "http" is text; wanted is a whole number, without quotes"#
        ]
      ),
      (
        "spec: {ports: [{port: 80, appprotocol: http}]}",
        [
          #"p.yaml:4:27: spec.ports[0].appprotocol: unknown field; did you mean "appProtocol"?"#
        ]
      ),
      (
        "spec: {sesionAffinity: None}",
        [
          #"p.yaml:4:8: spec.sesionAffinity: unknown field; did you mean "sessionAffinity"?"#
        ]
      ),
    ] as [(String, [String])]
  )
  func refusals(body: String, expected: [String]) {
    expectRefused("Service", body, for: expected)
  }

  @Test(
    "warn of what may not be what was meant, and are taken",
    arguments: [
      (
        "spec: {ports: [{port: 53, protocol: UDP}]}",
        [
          "p.yaml:4:37: warning: spec.ports[0].protocol: the proxy sees TCP only; UDP port 53 is left out"
        ]
      ),
      (
        "spec: {ports: [{port: 80, appProtocol: kafka}]}",
        [
          #"p.yaml:4:40: warning: spec.ports[0].appProtocol: "kafka" is not known here; what is spoken is found out by looking"#
        ]
      ),
      (
        "spec: {sessionAffinity: ClientIP}",
        [
          "p.yaml:4:25: warning: spec.sessionAffinity: is not kept: requests of one client go to several endpoints"
        ]
      ),
      (
        "spec: {internalTrafficPolicy: Local}",
        [
          "p.yaml:4:31: warning: spec.internalTrafficPolicy: is not kept: requests go to the endpoints of every host"
        ]
      ),
      (
        "spec: {trafficDistribution: PreferClose}",
        [
          "p.yaml:4:29: warning: spec.trafficDistribution: PreferClose is not kept: requests go to the endpoints of every zone"
        ]
      ),
    ] as [(String, [String])]
  )
  func warnings(body: String, expected: [String]) {
    expectTaken("Service", body, with: expected)
  }

  private func annotated(_ annotations: String, kind: String = "Service") -> String {
    document(kind, "spec: {ports: [{port: 80}]}")
      .replacing("{name: p", with: "{name: p, annotations: {\(annotations)}")
  }

  @Test("say by an annotation of ours that their endpoints forward clients")
  func forwardsClients() throws {
    for (value, isForwarder) in [("\"true\"", true), ("\"false\"", false)] {
      let reading = read(annotated("weft.mesh/forwards-clients: \(value), example.com/other: anything"))
      #expect(reading.issues.isEmpty, "\(reading.issues)")
      #expect(try #require(reading.snapshot?.mesh.services.first).forwardsClients == isForwarder)
    }
  }

  @Test(
    "are refused with an annotation of ours that would promise what is not kept",
    arguments: [
      (
        "weft.mesh/forwards-clients: true",
        "weft.mesh/forwards-clients: true is a boolean, not text; put it in quotes"
      ),
      (
        "weft.mesh/forwards-clients: \"yes\"",
        #"weft.mesh/forwards-clients: "yes" is neither "true" nor "false""#
      ),
      (
        "weft.mesh/forward-clients: \"true\"",
        #"weft.mesh/forward-clients: unknown annotation of Weft's; did you mean "weft.mesh/forwards-clients"?"#
      ),
    ]
  )
  func wrongAnnotations(annotation: String, expected: String) {
    let reading = read(annotated(annotation))
    #expect(reading.issues.map(\.description).count == 1)
    #expect(
      reading.issues.first?.description.hasSuffix("metadata.annotations.\(expected)") == true,
      "\(reading.issues)"
    )
    #expect(reading.snapshot == nil)
  }

  @Test("alone have such an annotation: on a document of another kind it is refused")
  func annotationElsewhere() {
    let text = document("Sidecar", "spec: {outboundTrafficPolicy: {mode: ALLOW_ANY}}")
      .replacing("{name: p", with: "{name: p, annotations: {weft.mesh/forwards-clients: \"true\"}")
    #expect(
      issues(text) == [
        "p.yaml:3:63: metadata.annotations.weft.mesh/forwards-clients: unknown annotation of Weft's; documents of this kind have none"
      ]
    )
  }

  private func only(_ body: String) throws -> Service {
    let reading = read(document("Service", body))
    #expect(reading.issues.isEmpty, "\(reading.issues)")
    return try #require(reading.snapshot?.mesh.services.first)
  }

  @Test("become services with their addresses, what only Kubernetes needs left out")
  func whole() throws {
    let service = try only(
      "spec: {type: NodePort, clusterIP: 10.0.0.1, clusterIPs: [10.0.0.1, '2001:db8::1'], selector: {a: b}, "
        + "ports: [{name: http, port: 80, targetPort: web, nodePort: 30080, protocol: TCP}, {name: x, port: 81}], "
        + "sessionAffinity: None, ipFamilies: [IPv4], publishNotReadyAddresses: true, externalTrafficPolicy: Cluster}"
    )
    let four = try #require(IPAddress("10.0.0.1"))
    let six = try #require(IPAddress("2001:db8::1"))
    #expect(
      service
        == Service(
          namespace: "default",
          name: "p",
          addresses: [four, six],
          ports: [.init(name: "http", port: 80, appProtocol: .http), .init(name: "x", port: 81)]
        )
    )
  }

  @Test(
    "have no address where they are headless or name none",
    arguments: ["clusterIP: None", "clusterIPs: [None]", ""]
  )
  func headless(field: String) throws { #expect(try only("spec: {\(field)}").addresses.isEmpty) }

  @Test(
    "say what is spoken by appProtocol, or else by the word before the dash of the port's name",
    arguments: [
      ("name: x, appProtocol: http", .http), ("name: x, appProtocol: HTTP", .http),
      ("name: x, appProtocol: kubernetes.io/h2c", .http2), ("name: x, appProtocol: kubernetes.io/ws", .http),
      ("name: x, appProtocol: kubernetes.io/wss", .tls), ("name: x, appProtocol: https", .tls),
      ("name: x, appProtocol: grpc", .grpc), ("name: http, appProtocol: tcp", .tcp), ("name: http", .http),
      ("name: http-web", .http), ("name: http2-web", .http2), ("name: https-web", .tls), ("name: grpc-web", .http),
      ("name: grpc-webby", .grpc), ("name: tls-a", .tls), ("name: tcp-a", .tcp), ("name: mysql", .tcp),
      ("name: httpweb", .unspecified), ("name: web-http", .unspecified), ("name: x", .unspecified),
      ("name: x, appProtocol: ''", .unspecified),
    ] as [(String, Service.AppProtocol)]
  )
  func appProtocol(port: String, expected: Service.AppProtocol) throws {
    #expect(try only("spec: {ports: [{port: 80, \(port)}]}").ports.first?.appProtocol == expected)
  }

  @Test("have names that are DNS labels, as in Kubernetes")
  func name() {
    let text = document("Service", "spec: {}").replacing("{name: p}", with: "{name: a.b}")
    #expect(
      issues(text) == [
        "p.yaml:3:18: metadata.name: \"a.b\" is not a service's name: lower-case letters, digits and -, at most 63"
      ]
    )
  }
}
