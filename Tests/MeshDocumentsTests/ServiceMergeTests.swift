import MeshDocuments
import MeshModel
import Testing

@testable import Registry

@Suite("Registered services beside documents")
struct ServiceMergeTests {
  private func instance(
    _ address: String,
    _ ports: Registration.Port...,
    name: String = "web",
    isReady: Bool = true
  ) throws -> EndpointsRecord {
    EndpointsRecord(
      key: .init(name: name),
      ports: ports,
      addresses: [try #require(IPAddress(address))],
      labels: [:],
      serviceAccount: "default",
      isReady: isReady
    )
  }

  private func web(_ instances: EndpointsRecord..., addresses: String...) throws -> RegisteredService {
    RegisteredService(
      namespace: "default",
      name: "web",
      instances: instances,
      virtualAddresses: try addresses.map { try #require(IPAddress($0)) }
    )
  }

  private func merge(_ documents: String..., with registered: RegisteredService...) throws -> ServiceMerge {
    let set = DocumentSet(
      stored: documents.isEmpty
        ? []
        : reading(documents.joined(separator: "\n---\n")).documents.map { MeshDocument(stored: $0.key, json: $0.json) }
    )
    #expect(set.compiled.unused.isEmpty)
    return ServiceMerge(set.compiled, registered)
  }

  /// `default/web 240.0.1.1: http:80 -> 10.0.0.1:8080 ...`
  private func text(_ service: Service) -> String {
    let ports = service.ports.map { port in
      "\(port.name):\(port.port) -> \(port.endpoints.map(\.description).joined(separator: " "))"
    }
    return
      "\(service.name) \(service.addresses.map(\.description).joined(separator: " ")): \(ports.joined(separator: ", "))"
  }

  @Test("are services of their own where no document speaks of them")
  func alone() throws {
    let merged = try merge(
      with: try web(
        try instance("10.0.0.2", .init(port: 8080), isReady: false),
        try instance("10.0.0.1", .init(port: 8080, appProtocol: .http)),
        try instance("10.0.0.3", .init(port: 9090)),
        addresses: "240.0.1.1",
        "fd00::1"
      ),
      RegisteredService(namespace: "default", name: "gone", virtualAddresses: [IPAddress(v4: 1)])
    )
    #expect(
      merged.services.map(text) == [
        "web 240.0.1.1 fd00::1: :8080 -> 10.0.0.1:8080 10.0.0.2:8080 unready, :9090 -> 10.0.0.3:9090"
      ]
    )
    #expect(merged.services[0].ports.map(\.appProtocol) == [.http, .unspecified])
    #expect(merged.notes == [])
  }

  @Test("have one port of a name, whatever its number on each host: dialled is what most have")
  func named() throws {
    let merged = try merge(
      with: try web(
        try instance("10.0.0.1", .init(name: "sql", port: 5433)),
        try instance("10.0.0.2", .init(name: "sql", port: 5432)),
        try instance("10.0.0.3", .init(name: "sql", port: 5432), .init(name: "admin", port: 80)),
        try instance("10.0.0.4", .init(port: 80))
      )
    )
    #expect(
      merged.services.map(text) == [
        "web : admin:80 -> 10.0.0.3:80 10.0.0.4:80, sql:5432 -> 10.0.0.1:5433 10.0.0.2:5432 10.0.0.3:5432"
      ]
    )
  }

  @Test("stand behind a document's ports beside its slices; its ports, addresses and annotations hold")
  func both() throws {
    let service = """
      apiVersion: v1
      kind: Service
      metadata: {name: web, annotations: {weft.mesh/forwards-clients: "true"}}
      spec: {clusterIP: 10.96.0.1, ports: [{name: http, port: 80, appProtocol: http}, {name: api, port: 90}]}
      """
    let slice = """
      apiVersion: discovery.k8s.io/v1
      kind: EndpointSlice
      metadata: {name: s, labels: {kubernetes.io/service-name: web}}
      addressType: IPv4
      endpoints: [{addresses: [10.1.0.1]}]
      ports: [{name: http, port: 8080}]
      """
    let registered = try web(
      try instance("10.0.0.1", .init(name: "http", port: 8000), .init(name: "debug", port: 6060)),
      try instance("10.0.0.2", .init(port: 90)),
      addresses: "240.0.1.1"
    )
    let merged = try merge(service, slice, with: registered)
    #expect(
      merged.services.map(text)
        == ["web 10.96.0.1: http:80 -> 10.0.0.1:8000 10.1.0.1:8080, api:90 -> 10.0.0.2:90"]
    )
    #expect(merged.services[0].forwardsClients)
    #expect(merged.services[0].ports[0].appProtocol == .http)
    #expect(merged.notes == ["service default/web: the registered port debug:6060 is none of the document's"])
  }

  @Test("stand behind the only port, whatever its number, and lend their addresses unless the document wants none")
  func only() throws {
    let document = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}"
    let registered = try web(try instance("10.0.0.1", .init(port: 8080)), addresses: "240.0.1.1")
    #expect(try merge(document, with: registered).services.map(text) == ["web 240.0.1.1: :80 -> 10.0.0.1:8080"])
    let headless = document.replacing("{ports", with: "{clusterIP: None, ports")
    #expect(try merge(headless, with: registered).services.map(text) == ["web : :80 -> 10.0.0.1:8080"])
    let addressOnly = RegisteredService(
      namespace: "default",
      name: "web",
      virtualAddresses: registered.virtualAddresses
    )
    #expect(try merge(document, with: addressOnly).services.map(text) == ["web 240.0.1.1: :80 -> "])
  }

  @Test("lose a virtual address that a document claims")
  func claimed() throws {
    let document =
      "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {clusterIP: 240.0.1.1, ports: [{port: 80}]}"
    let merged = try merge(document, with: try web(try instance("10.0.0.1", .init(port: 80)), addresses: "240.0.1.1"))
    #expect(merged.services.map(text) == ["a 240.0.1.1: :80 -> ", "web : :80 -> 10.0.0.1:80"])
    #expect(
      merged.notes == ["the virtual address 240.0.1.1 is left out, since service default/a has it by its document"]
    )
    #expect(throws: Never.self) { try Snapshot(policies: [], mesh: MeshConfiguration(services: merged.services)) }
  }

  @Test("are cut to what a snapshot may hold, those that are not ready first, and that is said")
  func bounded() throws {
    let instances = try (0..<1_002).map { index in
      try instance("10.0.\(index / 250).\(index % 250)", .init(port: 80), isReady: index > 1)
    }
    let service = RegisteredService(namespace: "default", name: "web", instances: instances)
    let merged = try merge(with: service)
    #expect(merged.services[0].ports[0].endpoints.count == 1_000)
    #expect(merged.services[0].ports[0].endpoints.filter { !$0.isReady }.isEmpty)
    #expect(
      merged.notes == ["service default/web has 1002 endpoints on a port, and 1000 count, those that are ready first"]
    )
  }
}
